"""The ledger: what serving each account costs, what it pays, and how both tie to the books."""
