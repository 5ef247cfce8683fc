"""What runs inside the virtual machine; started there by the unit `rig.service`, with the appliance's own Python."""
