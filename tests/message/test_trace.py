"""Received fields: each line is what a server wrote, and what is to be read of it."""

from datetime import UTC, datetime

import pytest

from edrguard.message.trace import parse_received

DATE = "; Tue, 24 Nov 2026 10:11:12 +0000"
#: value | name | address | by | with | id | for ("-": does not say)
STYLES = """
from helo.test (rdns.test [192.0.2.1]) by mx.test (Postfix) with ESMTPS id 4A for <x@mx.test>
 | helo.test | 192.0.2.1 | mx.test | ESMTPS | 4A | x@mx.test
from helo.test (unknown [IPv6:2001:DB8::1]) (using TLSv1.3 with cipher X (256/256 bits)) by mx.test with ESMTPSA id 4
 | helo.test | 2001:db8::1 | mx.test | ESMTPSA | 4 | -
by mx.test (Postfix, from userid 1000) id 4A | - | - | mx.test | - | 4A | -
from [10.1.2.3] (rdns.test [192.0.2.1]) by mx.test with ESMTP | [10.1.2.3] | 192.0.2.1 | mx.test | ESMTP | - | -
from rdns.test ([192.0.2.1] helo=helo.test) by mx.test with esmtps (TLS1.3) (Exim 4.96) (envelope-from <a@b.test>)
 id 1a-2b-3c for x@mx.test | helo.test | 192.0.2.1 | mx.test | esmtps | 1a-2b-3c | x@mx.test
from [192.0.2.1] (helo=helo.test) by mx.test with esmtp | helo.test | 192.0.2.1 | mx.test | esmtp | - | -
from A.prod.test (2001:db8:7::f) by B.prod.test (2001:db8:8::f) with Microsoft SMTP Server (version=TLS1_2) id 15.20.1
 | A.prod.test | 2001:db8:7::f | B.prod.test | Microsoft SMTP Server | 15.20.1 | -
from A.local (10.0.0.1) by B.local (10.0.0.2) with Microsoft SMTP Server id 15.1.2
 | A.local | 10.0.0.1 | B.local | Microsoft SMTP Server | 15.1.2 | -
from m1.test (m1.test. [198.51.100.7]) by mx.test with ESMTPS id a1-b2 for <x@mx.test> (Transport Security)
 | m1.test | 198.51.100.7 | mx.test | ESMTPS | a1-b2 | x@mx.test
by 2002:a05:7022:1 with SMTP id q1csp2 | - | - | 2002:a05:7022:1 | SMTP | q1csp2 | -
from unknown (HELO helo.test) (192.0.2.1) by mx.test with SMTP | helo.test | 192.0.2.1 | mx.test | SMTP | - | -
from helo.test (rdns.test [192.0.2.1] (may be forged)) by mx.test (8.17/8.17) with ESMTP id 3A
 | helo.test | 192.0.2.1 | mx.test | ESMTP | 3A | -
from [192.0.2.9] by mx.test with HTTP | [192.0.2.9] | 192.0.2.9 | mx.test | HTTP | - | -
from a.test (a.test [::ffff:192.0.2.1]) by mx.test | a.test | 192.0.2.1 | mx.test | - | - | -
from [203.0.113.1] (evil.test [192.0.2.1]) by mx.test | [203.0.113.1] | 192.0.2.1 | mx.test | - | - | -
"""
ROWS = [[cell.strip() for cell in row.split("|")] for row in STYLES.strip().replace("\n ", " ").split("\n")]


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:40] for row in ROWS])
def test_styles(row: list[str]) -> None:
    hop = parse_received(row[0] + DATE)
    wanted = [None if cell == "-" else cell for cell in row[1:]]
    assert [hop.from_name, hop.from_ip, hop.by, hop.with_, hop.id, hop.for_] == wanted
    assert hop.date == datetime(2026, 11, 24, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["", ";", "from", "(" * 9000, ")" * 9000, "from (((", "from a (b [999.1.1.1]) by", "id " * 3000, "\0;\0"]
)
def test_nonsense_is_nothing(value: str) -> None:
    hop = parse_received(value)
    assert hop.from_ip is None
    assert hop.date is None


@pytest.mark.parametrize(
    ("value", "tls"),
    [
        (
            "from a (a [192.0.2.1]) by b with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA) id 1",
            "TLSv1.2",
        ),
        (
            "from a (a [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by b with ESMTPS",
            "TLSv1.3",
        ),
        ("from a (a [192.0.2.1]) by b with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.96) id 1", "TLSv1.3"),
        (
            "from a ([192.0.2.1] helo=a) by b with esmtps (TLS1.2:ECDHE_RSA_AES_256_GCM_SHA384:256) (Exim 4.90_1)",
            "TLSv1.2",
        ),
        ("from a (a [192.0.2.1]) by b with esmtps (UNKNOWN:X=TLS1.2:256) id 1", "TLSv1.2"),
        (
            "from a (a. [192.0.2.1]) by b with ESMTPS id 1 for <x@b> (version=TLS1_3 cipher=TLS_AES_256 bits=256/256)",
            "TLSv1.3",
        ),
        ("from a (a [192.0.2.1]) by b (version=TLSv1.2 cipher=ECDHE bits=256 verify=NO)", "TLSv1.2"),
        ("from a (a [192.0.2.1]) by b with ESMTP with STARTTLS (version=TLSv1.3, cipher=X) id 1", "TLSv1.3"),
        ("from a (a [192.0.2.1]) by b with ESMTPS id 1", None),
        # what the client chose: its greeting and its name in DNS
        ("from TLSv1.3 (tls1.3.evil.test [192.0.2.1]) by b with ESMTP id 1", None),
        ("from version=TLS1_3 (TLS1.3.evil [192.0.2.1]) by b with ESMTP id 1", None),
    ],
)
def test_tls_is_told_by_the_writer_alone(value: str, tls: str | None) -> None:
    assert parse_received(value + DATE).tls == tls
