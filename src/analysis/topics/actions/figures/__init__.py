"""The figures: actions."""
