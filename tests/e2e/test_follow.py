"""A ticket system follows a real node: it hears of a case, claims it over the API, and hears of that too."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

from tests.e2e import mails
from tests.e2e.conftest import send
from tests.support.node_process import NodeProcess
from tests.support.smtp_sink import Sink
from tests.support.webhook import SECRET, Webhook


def test_from_the_webhook_to_the_api_and_back(make_node: Callable[..., NodeProcess], sink: Sink) -> None:
    with Webhook() as hook:
        node = make_node(
            sink.port,
            console={"enabled": True},
            case_hook={"url": hook.url, "secret": SECRET},
            retention={"released": 30},
        )
        node.cli("users", "add", "tickets", "--service", "--role", "reviewer")
        (made,) = node.cli("users", "token", "add", "tickets")
        home = f"http://127.0.0.1:{node.console}/api/v1"

        def ask(path: str, body: dict[str, Any] | None = None) -> Any:
            headers = {"Authorization": f"Bearer {made['token']}", "Content-Type": "application/json"}
            octets = None if body is None else json.dumps(body).encode()
            with urllib.request.urlopen(urllib.request.Request(home + path, octets, headers), timeout=20) as answer:
                return json.load(answer)

        assert send(node, mails.lookalike())[0] == 250
        (opened,) = [json.loads(call.body) for call in hook.wait(1)]
        assert opened["type"] == "case.opened"
        number = opened["case"]["id"]
        assert [row["id"] for row in ask("/cases")["cases"]] == [number]
        case = ask(f"/cases/{number}")
        claimed = ask(f"/cases/{number}/claim", {"version": case["version"]})
        assert claimed["claimed_by"] == "tickets"
        assert json.loads(hook.wait(2)[1].body)["type"] == "case.claimed"
        (shown,) = node.cli("cases", "show", number)
        assert [event["kind"] for event in shown["events"]][-1] == "claimed"
        (run,) = node.cli("retention", "list")
        assert (run["actor"], run["cases"]) == ("edrguard", 0), "the node ran it by itself"
