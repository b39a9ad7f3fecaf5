"""Tests of the library's parts."""
