"""What belongs to the machine and its networks rather than to the recording; for now its clock alone."""
