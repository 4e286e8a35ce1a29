"""Differences between the emulator's and AWS's answers that several services share."""
