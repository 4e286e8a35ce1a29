"""The caller's account, and how an account is prepared."""
