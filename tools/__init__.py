"""Tools for maintainers: pictures, generated policies, lint wrappers."""
