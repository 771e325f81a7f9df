"""Hostile input: mutated (``python -m tests.fuzz``), and made to be expensive (``python -m tests.fuzz.cost``)."""
