"""Key records: what is a key, and what must not be used as one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from edrguard.auth.keys import Key, KeyFault, parse_key, usable_keys
from tests.auth.signing import ed_key, record, rsa_key

RSA = record(rsa_key())
P = RSA.partition("p=")[2]


@pytest.mark.parametrize(
    "text",
    [
        RSA,
        f"p={P}",
        f"v=DKIM1;k=rsa;p={P};",
        f"v = DKIM1 ; h=sha1:sha256 ; s=email ; n= note ; p={P[:40]} {P[40:]}",
        f"k=rsa; s=tlsrpt:*; x-new=1; p={P}",
        f"p={P.rstrip('=')}",
    ],
)
def test_rsa(text):
    key = parse_key(text)
    assert (key.kind, key.bits, key.testing, key.strict) == ("rsa", 2048, False, False)


def test_ed25519_and_flags():
    key = parse_key(record(ed_key(), extra="t=y:s; "))
    assert (key.kind, key.bits, key.testing, key.strict) == ("ed25519", 256, True, True)


def test_bare_pkcs1_is_a_key_too():
    raw = rsa_key().public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert parse_key(f"p={base64.b64encode(raw).decode()}").bits == 2048


def _p(key):
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _der(number):
    raw = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\x02" + _len(len(raw)) + raw


def _len(size):
    if size < 128:
        return bytes([size])
    raw = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(raw)]) + raw


def _forged(n, e):
    """An RSA key of any numbers, as a hostile zone would publish it."""
    inner = _der(n) + _der(e)
    return "p=" + base64.b64encode(b"\x30" + _len(len(inner)) + inner).decode()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("v=DKIM1; p=", "revoked"),
        ("v=DKIM1; p= \t", "revoked"),
        ("v=DKIM1", "no p="),
        (f"v=DKIM2; p={P}", "version"),
        (f"p={P}; v=DKIM1", "version"),
        (f"v=DKIM1; h=sha1; p={P}", "sha256"),
        (f"v=DKIM1; s=other; p={P}", "e-mail"),
        (f"v=DKIM1; k=dsa; p={P}", "kind"),
        (f"v=DKIM1; k=ed25519; p={P}", "Ed25519"),
        ("v=DKIM1; p=!!!!", "base64"),
        ("v=DKIM1; p=AAAA", "not an RSA key"),
        (f"v=DKIM1; p={P}; p={P}", "twice"),
        ("v=DKIM1; p=é", "octets"),
        ("p=" + _p(ec.generate_private_key(ec.SECP256R1()).public_key()), "not an RSA key"),
        ("p=" + "A" * 9000, "absurd"),
        (_forged((1 << 16383) + 1, 65537).replace("p=", "p=")[:8192], ""),
        (_forged((1 << 2047) + 1, (1 << 2000) + 1), ""),
        (_forged((1 << 2047) + 1, (1 << 33) + 1), "exponent"),
    ],
)
def test_what_is_no_key(text, reason):
    with pytest.raises(KeyFault) as fault:
        parse_key(text)
    assert reason in str(fault.value)


def test_sizes_are_bounded_both_ways():
    weak = parse_fault(record(rsa_key(1024)), bits_min=2048)
    assert (weak.weak, weak.bits) == ("short-key", 1024)
    assert parse_fault(_forged((1 << 5000) + 1, 65537)).bits == 5001
    assert parse_fault(_forged((1 << 511) + 1, 65537)) is not None


def parse_fault(text, **options):
    with pytest.raises(KeyFault) as fault:
        parse_key(text, **options)
    return fault.value


def test_among_several_records():
    keys = usable_keys((RSA, "v=spf1 -all", "p="), 1024, 4096)
    assert [key.bits for key in keys] == [2048]
    for records, reason in (((), "no key"), (("v=spf1 -all",), "no key"), (("p=",), "revoked")):
        with pytest.raises(KeyFault, match=reason):
            usable_keys(records, 1024, 4096)


def test_keys_are_parsed_once():
    assert usable_keys((RSA,), 1024, 4096)[0] is usable_keys((RSA,), 1024, 4096)[0]


@given(st.one_of(st.text(max_size=80), st.from_regex(r"v=DKIM1; (k=(rsa|ed25519); )?p=[A-Za-z0-9+/]{0,60}={0,2}")))
def test_records_are_total(text):
    try:
        assert isinstance(parse_key(text), Key)
    except KeyFault:
        pass


def test_signatures_that_are_none_do_not_raise():
    for key in (parse_key(RSA), parse_key(record(ed_key()))):
        for signature in (b"", b"x", b"x" * 64, b"\x00" * 256, b"\xff" * 5000):
            assert key.valid(b"d" * 32, signature) is False


def test_forged_key_helper_makes_real_keys():
    numbers = rsa_key().public_key().public_numbers()
    assert parse_key(_forged(numbers.n, numbers.e)).bits == 2048
    assert isinstance(rsa_key(), rsa.RSAPrivateKey)
