"""The page of one account, and the customer's own statement."""
