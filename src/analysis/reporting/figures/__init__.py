"""The figures, one a module: each `plot_*` takes an axes or makes one, draws on it and returns it."""
