"""CloudFormation: resource types, hooks and refusals that the emulator lacks."""
