"""What the node remembers, on disk: the database behind ``model.ports.Store`` and the spool of raw messages.

Laws: every failure is a StoreError; whatever the sender's 250 depends on is fsynced before a method returns;
importing the room loads no database library (``--help`` must stay fast).
"""

from edrguard.storage.opening import migrate, open_store, parse_url
from edrguard.storage.spool import FileSpool

__all__ = ["FileSpool", "migrate", "open_store", "parse_url"]
