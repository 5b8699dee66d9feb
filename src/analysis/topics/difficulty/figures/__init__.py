"""The figures: difficulty."""
