"""From camera to card: clips that are cut at keyframes, photos, and the service that connects them."""
