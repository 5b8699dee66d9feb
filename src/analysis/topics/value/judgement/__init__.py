"""What the numbers say: value."""
