"""Checks: Facts in, Findings out. Pure, synchronous, total.

A check is one generator in one file of this package; it is found by its module's name, and there is no list to edit.
What it sees it reports; what that means is written in config/rules. Laws: imports ``model`` only; no clock but
``Session.received_at``; no check depends on another; a check that crashes or lacks a fact is itself a finding.
"""

from edrguard.checks.base import CHECK_FAILED, CHECK_SKIPPED, Check, catalog, check, checks, run_checks

__all__ = ["CHECK_FAILED", "CHECK_SKIPPED", "Check", "catalog", "check", "checks", "run_checks"]
