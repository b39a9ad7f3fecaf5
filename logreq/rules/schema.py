"""The keys of a rules file, defined once: the reader and the JSON Schema are made of them."""

from __future__ import annotations

from typing import Any, NamedTuple

BUNDLED = ("default", "careful", "minimal")
# What `extends` can say: `none` starts from nothing.
BASES = ("none", *BUNDLED)


class Key(NamedTuple):
    """A key: its type (one of `TYPES`), and what it is for, in a line for an editor to show."""

    name: str
    type: str
    meaning: str


# What a value can be, as JSON Schema. A scalar counts as the text that was written, so a
# number or `on` does as well; null does not, since nothing and the text `null` look alike.
_SCALAR = {"type": ["string", "number", "boolean"]}
_GLOB = {**_SCALAR, "not": {"const": ""}}
TYPES: dict[str, dict[str, Any]] = {
    "base": {"enum": list(BASES)},
    "expression": {"type": ["string", "number", "boolean"], "not": {"const": ""}},
    "text": _SCALAR,
    "texts": {"anyOf": [_SCALAR, {"type": "array", "items": _SCALAR, "minItems": 1}]},
    "globs": {"anyOf": [_GLOB, {"type": "array", "items": _GLOB, "minItems": 1}]},
    "secrets": {
        "anyOf": [
            _GLOB,
            {"type": "array", "items": {"anyOf": [_GLOB, {"$ref": "#/$defs/secret"}]}},
            {"type": "null"},
        ]
    },
    "rules": {"type": ["array", "null"], "items": {"$ref": "#/$defs/rule"}},
    "kinds": {"type": ["array", "null"], "items": {"$ref": "#/$defs/kind"}},
}

FILE = (
    Key("extends", "base", "What to start from; without it, from all that is in effect below."),
    Key("params", "rules", "Rules, read top to bottom; the last one that matches decides."),
    Key("secrets", "secrets", "Parameters whose values are secret: globs of names, in any case."),
    Key("kinds", "kinds", "How to tell a request's kind; the first that holds, else view."),
)
RULE = (
    Key("keep", "globs", "Keep the parameters of these names (globs: * ? [...])."),
    Key("drop", "globs", "Drop the parameters of these names (globs: * ? [...])."),
    Key("value", "texts", 'Only those whose raw value is one of these; "*" is a masked secret.'),
    Key("when", "expression", "Only in requests for which this expression holds."),
    Key("why", "text", "The reason, for `logreq rules explain`."),
)
SECRET = (
    Key("name", "globs", "The parameters of these names (globs, whatever their case)."),
    Key("when", "expression", "Only in requests for which this expression holds."),
)
KIND = (
    Key("action", "expression", "Requests that change something."),
    Key("view", "expression", "Requests that only look."),
    Key("background", "expression", "Requests that nobody clicked."),
)


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of a rules file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "logreq rules",
        "description": "Which parameters of a logged request a call keeps.",
        **_mapping(FILE),
        "type": ["object", "null"],
        "$defs": {
            "rule": {
                **_mapping(RULE),
                "oneOf": [{"required": ["keep"]}, {"required": ["drop"]}],
            },
            "secret": {**_mapping(SECRET), "required": ["name"]},
            "kind": {**_mapping(KIND), "minProperties": 1, "maxProperties": 1},
        },
    }


def schema_text() -> str:
    """Give the schema as the text of `rules/schema.json`."""
    import json  # late: reading rules does not need it

    return json.dumps(schema(), indent=2) + "\n"


def names(keys: tuple[Key, ...]) -> tuple[str, ...]:
    """Give the names of keys."""
    return tuple(key.name for key in keys)


def _mapping(keys: tuple[Key, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: {"description": key.meaning, **TYPES[key.type]} for key in keys},
    }
