"""What the numbers say: actions."""
