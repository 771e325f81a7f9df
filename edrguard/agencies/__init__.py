"""The directory of agencies: who is listed, what only lies under a restricted suffix, what merely looks like either.

Laws: a suffix proves a registrant and nothing more; only confirmed entries count as listed; two listed domains are
never look-alikes of each other; the same name moved *into* a restricted suffix is a migration, moved anywhere else a
look-alike. Nothing here asks a network.
"""

from edrguard.agencies.dumping import dump_agencies
from edrguard.agencies.index import FREEMAIL, DirectoryIndex
from edrguard.agencies.loading import LoadedAgencies, load_agencies

__all__ = ["FREEMAIL", "DirectoryIndex", "LoadedAgencies", "dump_agencies", "load_agencies"]
