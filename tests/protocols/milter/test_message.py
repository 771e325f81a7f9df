"""Messages put together from packets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model.errors import MailSyntax
from edrguard.protocols.milter.codec import Mail, MilterSyntax, Rcpt
from edrguard.protocols.milter.message import assemble, read_mail, read_rcpt
from tests.support.mta import split

MESSAGE = (
    b"Received: from a\r\n\tby b;\r\n  Tue\r\nFrom:o@example.org\r\nSubject:  two blanks \r\nX:\tTab\r\nX: \r\nY:\r\n\r\n"
    b"body\r\n\r\n.\r\n"
)


def test_octet_for_octet() -> None:
    fields, body = split(MESSAGE)
    found = assemble(fields, [body[:3], body[3:]], leading_space=True)
    assert found.content == MESSAGE
    assert (found.defects, found.repaired_fields, found.repaired_body) == ((), (), None)


lines = st.binary(max_size=30).map(lambda b: bytes(c for c in b if c not in b"\r\n\0"))
values = st.lists(lines, min_size=1, max_size=3).map(b"\n ".join)
names = st.from_regex(rb"[!-9;-~]{1,15}", fullmatch=True)


@given(st.lists(st.tuples(names, values), max_size=6), st.lists(lines, max_size=6).map(b"\r\n".join))
def test_what_goes_in_comes_out(fields, body) -> None:
    found = assemble(fields, [body], leading_space=True)
    head = b"".join(n + b":" + v.replace(b"\n", b"\r\n") + b"\r\n" for n, v in fields)
    assert found.content == head + b"\r\n" + body
    assert not found.repaired_fields and found.repaired_body is None


@given(st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=20)), max_size=5), st.lists(st.binary(max_size=40)))
def test_any_packets_are_a_canonical_message_or_an_error_of_ours(fields, chunks) -> None:
    try:
        found = assemble(fields, chunks, leading_space=True)
    except MailSyntax:
        return
    assert found.content.count(b"\r\n") == found.content.count(b"\n") == found.content.count(b"\r")
    assert found.content.count(b":") >= len(fields)
    if found.repaired_body is not None:
        assert found.content.endswith(b"\r\n" + found.repaired_body)


def test_without_leading_space_one_blank_is_put_back() -> None:
    found = assemble([(b"Subject", b"s"), (b"X", b"\ttab"), (b"Y", b"\n folded")], [], leading_space=False)
    assert found.content == b"Subject: s\r\nX:\ttab\r\nY:\r\n folded\r\n\r\n"


def test_a_bare_cr_is_repaired_and_said() -> None:
    found = assemble([(b"A", b" x"), (b"B", b" one\rFrom: two\r\n three\r")], [b"a\rb\r\n"], leading_space=True)
    assert found.content == b"A: x\r\nB: one From: two\r\n three\r\n\r\na\r\nb\r\n"
    assert found.repaired_fields == (1,) and found.repaired_body == b"a\r\nb\r\n"
    assert [d.symbol for d in found.defects] == ["BARE_NEWLINE"]


def test_a_nul_is_refused() -> None:
    with pytest.raises(MailSyntax) as caught:
        assemble([(b"A", b" x")], [b"a\0b"], leading_space=True)
    assert type(caught.value) is MailSyntax


@pytest.mark.parametrize(
    ("name", "value"), [(b"", b"x"), (b"A\n", b"x"), (b"A:B", b"x"), (b"A", b"x\nB: y"), (b"A", b"x\n")]
)
def test_what_is_no_header_field(name: bytes, value: bytes) -> None:
    with pytest.raises(MilterSyntax):
        assemble([(name, value)], [], leading_space=True)


def test_parameters_that_only_the_mta_knows_are_left_to_it() -> None:
    sender = read_mail(Mail(b"<o@example.org>", (b"SIZE=5", b"RET=HDRS", b"BY=10;R", b"ENVID=x", b"\xff", b"SMTPUTF8")))
    assert (sender.params, sender.smtputf8, sender.eight_bit) == (("RET=HDRS", "ENVID=x", "SMTPUTF8"), True, False)
    recipient = read_rcpt(Rcpt(b"<a@b.example>", (b"NOTIFY=NEVER", b"RRVS=x")))
    assert recipient == ("a@b.example", ("NOTIFY=NEVER",))
    assert read_mail(Mail("<ö@example.org>".encode())).smtputf8
