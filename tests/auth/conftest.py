"""Hypothesis without its clock: machines are shared, and what must be quick is measured in CPU time."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
