"""Tests of what emitters emit."""
