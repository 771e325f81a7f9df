import hashlib

import pytest

from edrguard.request import checksums


@pytest.mark.parametrize(
    ("function", "good", "bad"),
    [
        (checksums.bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
        (
            checksums.bech32,  # BIP 350
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj1",
        ),
        (checksums.base58check, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"),
        (
            checksums.ethereum,  # EIP-55
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
            "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5D359",
        ),
        (checksums.ethereum, "0x" + "ab" * 20, "0x" + "ab" * 19),
        (checksums.iban, "DE75 5121 0800 1245 1261 99", "DE76 5121 0800 1245 1261 99"),
        (checksums.luhn, "490154203237518", "490154203237517"),
    ],
)
def test_a_right_and_a_wrong_check_digit(function, good, bad):
    assert function(good)
    assert not function(bad)


@pytest.mark.parametrize("text", ["", "1", "l0OI", "bc1", "1" * 500, "ñ", "0x"])
def test_nonsense_is_refused_without_fuss(text):
    assert not checksums.bech32(text)
    assert not checksums.base58check(text)
    assert not checksums.iban(text)
    assert not checksums.ethereum(text)


def test_keccak_is_the_original_padding():
    # Ethereum's well-known hash of nothing; SHA3-256 of nothing is another
    assert checksums.keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert checksums.keccak256(b"") != hashlib.sha3_256(b"").digest()


def test_case_numbers_with_check_digits():
    body = "0000123" + "2026" + "826" + "0001"
    digits = f"{98 - int(body + '00') % 97:02d}"
    good = f"0000123-{digits}.2026.8.26.0001"
    assert checksums.cnj(good)
    assert not checksums.cnj(good.replace("0000123", "0000124"))
    assert checksums.ruc("2600123456-" + next(c for c in "0123456789K" if checksums.ruc(f"2600123456-{c}")))
    assert sum(checksums.ruc(f"2600123456-{c}") for c in "0123456789K") == 1
    assert not checksums.ruc("")
