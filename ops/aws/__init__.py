"""Clients of AWS's APIs, and their errors in plain sentences."""
