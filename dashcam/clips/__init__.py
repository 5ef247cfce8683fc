"""What a clip is: its id, its names on the card, its sidecar, its row in the catalogue, and which clips must go."""
