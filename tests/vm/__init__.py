"""A whole machine under QEMU: the appliance as scripts/install makes it, with simulated radios. Not part of CI."""
