"""What the numbers say: service."""
