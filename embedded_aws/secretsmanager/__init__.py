"""Secrets Manager: references and refusals."""
