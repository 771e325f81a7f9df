"""How dkimpy and pyspf are loaded: without a resolver, since neither is ever let ask DNS (``engine``, ``spf``).

dnspython's brings its clients of DNS over HTTPS and QUIC with it: 5 MiB in every process for nothing.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import dns.exception
import dns.rdatatype  # noqa: F401  pyspf takes it as there once it has a resolver

_RESOLVER = "dns.resolver"


@contextmanager
def without_resolver() -> Iterator[None]:
    """While the block imports, an empty module stands for dnspython's resolver; who imports it later gets it."""
    if _RESOLVER in sys.modules:
        yield
        return
    sys.modules[_RESOLVER] = ModuleType(_RESOLVER)
    try:
        yield
    finally:
        del sys.modules[_RESOLVER]
