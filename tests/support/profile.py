"""How many examples and seeds tests try: `HYPOTHESIS_PROFILE` is loop, ci, full or nightly."""

from __future__ import annotations

import os

import hypothesis

# Times the number that a test names. Mutants meet all of it.
PROFILES = {"loop": 0.1, "ci": 0.2, "full": 1.0, "nightly": 50.0}
NAME = os.environ.get("HYPOTHESIS_PROFILE", "loop")


def examples(number: int) -> int:
    """Give the number of examples in this profile for a test that names `number`."""
    return max(2, round(number * PROFILES[NAME]))


def load() -> None:
    """Set up hypothesis: only a nightly run tries others than the run before."""
    hypothesis.settings.register_profile(
        NAME, deadline=None, max_examples=examples(100), derandomize=NAME != "nightly"
    )
    hypothesis.settings.load_profile(NAME)
