"""A room for each topic: its policy, columns, measures, judgement, tables, facts, words, figures and page."""
