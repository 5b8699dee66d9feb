"""What is counted on the engine: actions."""
