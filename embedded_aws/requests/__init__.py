"""What AWS refuses before a service does anything: by its model, by tags, by its other rules."""
