"""What the numbers say: archetypes."""
