"""What is loaded with the libraries that authenticate."""

import subprocess
import sys


def test_no_resolver_is_loaded_with_them_and_who_wants_one_gets_it() -> None:
    program = """
import sys
import edrguard.auth.engine, edrguard.auth.spf
import dkim, spf
assert not {"dns.resolver", "dns.query", "httpx2"} & set(sys.modules), sorted(m for m in sys.modules if m[:4] == "dns.")
import dns.resolver
assert dns.resolver.Resolver
"""
    subprocess.run([sys.executable, "-c", program], check=True)
