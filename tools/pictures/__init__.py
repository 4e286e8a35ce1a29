"""Pictures of the system, drawn from what is synthesized and from what a terminal showed; no picture by hand."""
