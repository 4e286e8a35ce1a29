"""Code that runs in AWS Lambda; each module is small enough to stand in its template."""
