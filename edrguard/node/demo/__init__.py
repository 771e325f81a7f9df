"""``edrguard demo``: the real node on loopback, with a little world around it."""

from edrguard.node.demo.run import run_demo

__all__ = ["run_demo"]
