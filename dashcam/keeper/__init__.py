"""Everything on the card once a clip is closed."""
