"""Escapes text of templates, logs and names for comments and terminals; `ops.web` escapes it for pages.

Whoever can name a resource or write a log line chooses such text. It must appear literally: it formats nothing, links
to nothing, mentions nobody, and hides nothing.
"""
