"""The accounts one by one: the list of all of them, a page for each, and the statement for the customer."""
