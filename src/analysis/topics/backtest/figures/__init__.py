"""The figures: backtest."""
