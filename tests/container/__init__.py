"""The appliance as a whole, started by systemd in a container: os-image/build-tree makes its files."""
