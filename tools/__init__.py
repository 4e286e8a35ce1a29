"""What maintainers run: pictures, generated policies, lint wrappers."""
