"""Standard output and standard error: whole snippets, colours, the status line."""
