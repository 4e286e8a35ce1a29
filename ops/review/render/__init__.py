"""A review as Markdown for a pull request, as JSON for scripts, and as SARIF for the security tab."""
