"""What is remembered of an author: habits, profiles, and how unlike them a message is.

Laws: everything is as of ``Session.received_at``; mail that was held or labelled fraud
never widens what is usual; only a call-back gives standing; the store comes as a port.
"""

from edrguard.history.marks import Keyed
from edrguard.history.networks import NetworkTable, load_networks
from edrguard.history.past import Columns
from edrguard.history.reading import read_history, share_again
from edrguard.history.traits import observation, traits

__all__ = ["Columns", "Keyed", "NetworkTable", "load_networks", "observation", "read_history", "share_again", "traits"]
