"""Who sold and served what: the account managers' scorecard."""
