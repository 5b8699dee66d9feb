"""The figures: service."""
