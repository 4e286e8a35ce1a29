"""Pictures of the system, generated from templates and from the output of a terminal; none is drawn by hand."""
