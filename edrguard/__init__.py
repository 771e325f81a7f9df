"""edrguard: a filter for the inbox where a forged legal request can cost a life.

The package is a house of rooms (see docs/house.md): *gather*, *judge*, *dispose*, *record*.
"""

__version__ = "0.1.0"
