"""``vault new``, and a release with the key that the node does not have."""

import stat
from pathlib import Path

from edrguard.model.case import CaseEvent
from edrguard.node.config import load_config
from edrguard.node.vault import make_spool
from edrguard.storage import open_store
from tests.review.fakes import RAW, make_case
from tests.support.smtp_sink import Sink


def test_who_has_the_key_releases(cli, tmp_path: Path) -> None:
    key = tmp_path / "desk.key"
    public = cli("vault", "new", key).out.split(": ")[1].strip()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert cli("vault", "new", key).code == 65
    with Sink() as sink:

        def config(name: str, vault: str) -> Path:
            path = tmp_path / name
            path.write_text(
                f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool, vault: {{{vault}}}}}\n"
                f"agencies: {{starter: false}}\nnext_hop: {{port: {sink.port}}}\nconsole: {{two_person: []}}\n"
            )
            return path

        node = config("node.yml", f"recipient: {public}")
        desk = config("desk.yml", f"recipient: {public}, identity_file: desk.key")
        reference = make_spool(load_config(node)).put("mail-1", [RAW])
        store = open_store(f"sqlite:///{tmp_path}/e.db")
        case = make_case(spool=reference)
        store.open_case(case, CaseEvent(case_id=case.id, at=case.opened_at, actor="edrguard", kind="opened"))
        release = ("cases", "release", case.id, "--reason", "known to us")
        ran = cli(*release, "--config", node)
        assert (ran.code, "is not here" in ran.err) == (75, True)
        assert store.case(case.id) is not None
        assert cli(*release, "--config", desk).code == 0
        assert b"please" in sink.wait(1)[-1].content
        store.close()
