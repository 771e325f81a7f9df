"""What a command needs of a node that is not its own process: store, spool, and a way to the next hop."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from edrguard.model.history import LabelRecord
from edrguard.model.ports import Spool, Store
from edrguard.node.build import make_next_hop_settings, make_prepare
from edrguard.node.config import load_config
from edrguard.node.options import Config
from edrguard.node.vault import make_spool
from edrguard.pipeline import record_label
from edrguard.protocols.smtp import SmtpNextHop
from edrguard.review import Prepare
from edrguard.storage import open_store


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts."""

    config: Config
    store: Store
    spool: Spool
    prepare: Prepare
    record_label: Callable[[LabelRecord], bool]

    def next_hop(self) -> SmtpNextHop:
        """A way to the next hop. Make it inside the event loop that uses it."""
        return SmtpNextHop(make_next_hop_settings(self.config), self.config.limits)


def open_parts(config_path: Path | None) -> Desk:
    """Open them. Raises ConfigError and StoreError."""
    config = load_config(config_path)
    store = open_store(config.storage.url)
    return Desk(config, store, make_spool(config), make_prepare(config), partial(record_label, store))
