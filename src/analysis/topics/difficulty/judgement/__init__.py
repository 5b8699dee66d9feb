"""What the numbers say: difficulty."""
