"""The monthly report: one module a chapter that reads, and ``html`` that writes the page."""
