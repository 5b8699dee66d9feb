"""The steps that can be taken with an account, what each changes, and what that adds."""
