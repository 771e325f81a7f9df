"""Parameters of MAIL and RCPT: kept as sent, unknown ones told apart from malformed ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model.errors import MailSyntax
from edrguard.protocols.smtp.params import MailParams, UnknownParameter, parse_mail_params, parse_rcpt_params


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", MailParams()),
        (" SIZE=1000", MailParams(size=1000)),
        (" size=0 Body=8BitMime", MailParams(size=0, eight_bit=True, kept=("Body=8BitMime",))),
        (" BODY=7BIT", MailParams(kept=("BODY=7BIT",))),
        (" SMTPUTF8", MailParams(smtputf8=True, kept=("SMTPUTF8",))),
        (" RET=FULL  ENVID=a+2Bb", MailParams(kept=("RET=FULL", "ENVID=a+2Bb"))),
        (" RET=hdrs AUTH=<>", MailParams(kept=("RET=hdrs", "AUTH=<>"))),
        (" AUTH=a+40b.example", MailParams(kept=("AUTH=a+40b.example",))),
    ],
)
def test_mail(text, wanted):
    assert parse_mail_params(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        " SIZE",
        " SIZE=",
        " SIZE=x",
        " SIZE=-1",
        " SIZE=" + "9" * 21,
        " SIZE=1 SIZE=1",
        " BODY",
        " BODY=9BIT",
        " SMTPUTF8=1",
        " RET",
        " RET=ALL",
        " ENVID=" + "a" * 101,
        " ENVID=a+2b",
        " ENVID=a+",
        " AUTH=",
        " AUTH=a+4",
        " =x",
        " A=b=c",
        " A\x00=1",
    ],
)
def test_mail_malformed(text):
    with pytest.raises(MailSyntax) as caught:
        parse_mail_params(text)
    assert not isinstance(caught.value, UnknownParameter)


@pytest.mark.parametrize("text", [" X=1", " NOTIFY=NEVER", " BODY=BINARYMIME", " REQUIRETLS", " MT-PRIORITY=3"])
def test_mail_unknown(text):
    with pytest.raises(UnknownParameter):
        parse_mail_params(text)


def test_smtputf8_is_unknown_where_it_is_not_offered():
    with pytest.raises(UnknownParameter):
        parse_mail_params(" SMTPUTF8", smtputf8_offered=False)


@pytest.mark.parametrize(
    "text",
    ["NOTIFY=NEVER", "notify=success,FAILURE,Delay", "ORCPT=rfc822;a+2Bb@c.example", "ORCPT=utf-8;ü@c.example"],
)
def test_rcpt(text):
    assert parse_rcpt_params(f" {text}") == (text,)


@pytest.mark.parametrize(
    "text",
    [
        " NOTIFY",
        " NOTIFY=",
        " NOTIFY=NEVER,DELAY",
        " NOTIFY=DELAY,DELAY",
        " NOTIFY=X",
        " ORCPT",
        " ORCPT=a@b",
        " ORCPT=;a",
        " ORCPT=rfc822;" + "a" * 500,
        " ORCPT=rfc822;a=b",
    ],
)
def test_rcpt_malformed(text):
    with pytest.raises(MailSyntax) as caught:
        parse_rcpt_params(text)
    assert not isinstance(caught.value, UnknownParameter)


def test_rcpt_unknown():
    with pytest.raises(UnknownParameter):
        parse_rcpt_params(" RET=FULL")


@given(st.text())
def test_accept_or_raise_mail_syntax(text):
    for parse in (parse_mail_params, parse_rcpt_params):
        for shape in (text, f" {text}", f" SIZE={text}", f" ENVID={text}", f" ORCPT={text}", f" NOTIFY={text}"):
            try:
                parse(shape)
            except MailSyntax:
                pass
