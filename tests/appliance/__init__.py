"""The appliance as a whole, on real file systems and in poor surroundings; some of it needs root."""
