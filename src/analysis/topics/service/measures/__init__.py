"""What is counted on the engine: service."""
