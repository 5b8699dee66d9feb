"""What to do: the steps, what they would add, the plan, and what came of earlier ones."""
