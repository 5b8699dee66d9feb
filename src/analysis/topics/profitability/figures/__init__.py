"""The figures: profitability."""
