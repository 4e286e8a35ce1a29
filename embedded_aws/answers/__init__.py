"""What several services of the emulator answer otherwise than AWS."""
