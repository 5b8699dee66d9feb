"""Judgements on accounts: what their numbers say, how surely, and why."""
