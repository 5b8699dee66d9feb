"""What the numbers say: profitability."""
