"""Figures, tables and sentences: what the notebooks put on a page."""
