"""Pages and charts: HTML and SVG from Jinja2 templates that escape all input."""
