"""What notices that something happened to the car, or that somebody wants something kept."""
