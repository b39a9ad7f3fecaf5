"""Tests, and what they share."""

import pytest

# An assertion that fails outside of a test file says what it saw, too.
pytest.register_assert_rewrite("tests.support", "tests.emitters")
