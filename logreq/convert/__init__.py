"""Requests -> text: selection, rendering, saved logs in order, scripts' arguments."""
