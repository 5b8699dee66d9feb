"""The dataset: its contract, its sources, its checks and the invented sample."""
