"""SMTP smuggling through the whole wire: one DATA stays one message, whatever the next hop would have believed."""

import pytest

from .support import live, world
from .test_data import SMUGGLING

SECOND = b"MAIL FROM:<admin@legit.example>\r\nRCPT TO:<v@victim.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nx"


@pytest.mark.parametrize("mode", ["normalize", "reject"])
@pytest.mark.parametrize("sequence", SMUGGLING)
def test_one_message_at_most(sequence, mode):
    @live
    async def dialogue():
        async with world(bare_newline=mode) as w:
            client = await w.client()
            await client.script(
                ("EHLO attack.example", "250"),
                ("MAIL FROM:<a@attack.example>", "250"),
                ("RCPT TO:<v@victim.example>", "250"),
            )
            reply = await client.message(b"Subject: t\r\n\r\nbody" + sequence + SECOND, b"\r\n.\r\n")
            taken = w.sink.taken
            if SMUGGLING[sequence] is None or mode == "reject":
                assert reply.startswith("550 5.") and taken == [] and w.gate.mails == []
            else:
                assert reply.startswith("250") and len(taken) == 1
                assert taken[0].mail == "<a@attack.example>" and b"Subject: smuggled" in taken[0].wire
                rest = taken[0].wire.replace(b"\r\n", b"")
                assert b"\r" not in rest and b"\n" not in rest
                assert b"\r\n.\r\n" not in taken[0].wire
                assert [d.symbol for d in w.gate.mails[0].defects] == ["BARE_NEWLINE"]
            # The session is where it should be: after a message.
            assert (await client.ask("QUIT")) == "221 2.0.0 Bye"

    dialogue()
