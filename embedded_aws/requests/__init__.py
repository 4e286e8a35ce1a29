"""AWS's refusals before a service acts: by its model, by tags, and by its other rules."""
