"""What the numbers say: perception."""
