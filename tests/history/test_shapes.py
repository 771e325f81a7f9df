"""Shapes of names: stable from message to message, different between programs."""

import time

import pytest

from edrguard.history.shapes import host_org, msgid_host, msgid_shape


@pytest.mark.parametrize(
    ("host", "org"),
    [
        ("mx1.agency.example", "agency.example"),
        ("MX1.Agency.EXAMPLE.", "agency.example"),
        ("agency.example", "agency.example"),
        ("a.b.c.met.police.uk", "met.police.uk"),
        ("mail.agency.co.uk", "agency.co.uk"),
        ("mail-1234.cloud.com", "cloud.com"),
        ("gw0.upland.police.uk.test", "upland.police.uk.test"),
        ("gw0.bund.de.test", "bund.de.test"),
        ("co.uk", "co.uk"),
        ("workstation-7", "bare"),
        ("", "bare"),
        ("...", "bare"),
        ("[192.0.2.1]", "literal"),
        ("[IPv6:2001:db8::1]", "literal"),
        ("192.0.2.1", "literal"),
        ("2001:db8::1", "literal"),
    ],
)
def test_host_org(host: str, org: str) -> None:
    assert host_org(host) == org


@pytest.mark.parametrize(
    ("message_id", "host", "shape"),
    [
        ("<20261120.12345.9@mail.agency.example>", "agency.example", "n.n.n"),
        ("<1763.77.42@other.agency.example>", "agency.example", "n.n.n"),
        ("<0D3B1C52-1F1E-4F0B-9C3A-7D1C2B3A4F5E@agency.example>", "agency.example", "uuid"),
        ("CAgiIqnCzLwuxv365cGYWNL1EWR@mail.mailcloud.test", "mailcloud.test", "a"),
        ("<d29f8374a0c9$04f534b0$aac100f8@upland.pnn.police.uk.test>", "pnn.police.uk.test", "a$a$a"),
        ("<x@SRV-MAIL06>", "bare", "a"),
        ("<no-at-sign>", "none", ""),
        ("<@host.example>", "none", ""),
        ("", "none", ""),
    ],
)
def test_msgids(message_id: str, host: str, shape: str) -> None:
    assert (msgid_host(message_id), msgid_shape(message_id)) == (host, shape)


@pytest.mark.parametrize("hostile", ["a." * 500_000, "<" * 1_000_000, "1-" * 500_000 + "@x", "@" * 1_000_000])
def test_a_mebibyte_costs_nothing(hostile: str) -> None:
    start = time.perf_counter()
    host_org(hostile), msgid_host(hostile), msgid_shape(hostile)
    assert time.perf_counter() - start < 0.2
    assert len(msgid_shape(hostile)) <= 40
