"""What the numbers say: sellers."""
