"""The DNS of the benchmark in a process of its own: ``python -m tests.bench.zone`` prints "listening PORT"."""

import threading

from edrguard.dns import ZoneServer
from tests.bench.corpus import zone

if __name__ == "__main__":
    server = ZoneServer(zone()).start()
    print(f"listening {server.port}", flush=True)
    threading.Event().wait()
