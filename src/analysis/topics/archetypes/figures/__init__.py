"""The figures: archetypes."""
