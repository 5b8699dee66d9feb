"""The figures: value."""
