"""S3: refusals that the emulator lacks."""
