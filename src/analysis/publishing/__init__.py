"""Publish a run: notebooks run, pages and tables put in place."""
