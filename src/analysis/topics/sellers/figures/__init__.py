"""The figures: sellers."""
