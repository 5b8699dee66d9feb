"""The catalogue of the output tables, and what computes them; `every` gathers the topics' own."""
