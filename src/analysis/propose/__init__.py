"""What exports may be: a `dataset.toml` proposed from files that nobody wrote for us, each guess with its reason.

files -> look (how is it written?) -> profile (what is in it?) -> match (what do its columns mean?)
      -> assign (which table is it?) -> keys (do the customers agree?) -> draft -> write, keeping a person's changes
"""
