"""The ground that every room stands on: frozen values, ports, errors and limits.

Laws: imports nothing of ours; holds no I/O; every value is frozen and survives
``codec.dump`` followed by ``codec.load`` unchanged.
"""
