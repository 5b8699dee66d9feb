"""What is counted on the engine: sellers."""
