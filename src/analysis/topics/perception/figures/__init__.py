"""The figures: perception."""
