"""How it is said on a page: backtest."""
