"""IAM: authorization, resource types and refusals that the emulator lacks."""
