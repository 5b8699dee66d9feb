"""What is counted on the engine: difficulty."""
