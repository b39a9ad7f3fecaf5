"""YAML -> rules; rules over requests -> calls."""
