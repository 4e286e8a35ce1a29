"""Who calls which account, and how an account is prepared."""
