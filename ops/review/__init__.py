"""Reviews a change by what it does to the synthesized templates, without an AWS account."""
