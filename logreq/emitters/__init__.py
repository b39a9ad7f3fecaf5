"""Emitters: calls -> text of one target. One file a target, and a line in the registry."""

from logreq.emitters.registry import GROUP, load, names, plugin_names

__all__ = ["GROUP", "load", "names", "plugin_names"]
