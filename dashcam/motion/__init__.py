"""What moves in the picture: the detector, and the look at clips that were recorded already."""
