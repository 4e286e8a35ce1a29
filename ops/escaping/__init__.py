"""Text of templates, logs and names on its way to a comment or a terminal; pages escape it in `ops.web`.

Whoever can name a resource or write a log line chooses such text. It shall be seen as it is: it formats nothing, links
to nothing, mentions nobody, and hides nothing.
"""
