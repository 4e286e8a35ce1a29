"""Pages and charts: HTML and SVG from Jinja2 templates that escape whatever comes from outside."""
