"""What the numbers say: overview."""
