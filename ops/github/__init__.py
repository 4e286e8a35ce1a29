"""The decisions and reports of the GitHub workflows, as functions that can be tested."""
