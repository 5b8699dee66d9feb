"""What each account pays, what serving it costs, and how sure that is."""
