"""Units, users and rules of the appliance."""
