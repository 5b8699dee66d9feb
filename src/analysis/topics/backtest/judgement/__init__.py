"""What the numbers say: backtest."""
