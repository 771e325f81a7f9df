"""Damage to octets: by chance, by repetition, by the words that the format lives on, and by crossing two inputs."""

import random
from collections.abc import Sequence

#: what any parser of text or octets has to be shown at least once
SCRAPS = (
    b"", b"\0", b"\r\n", b"\n", b"\r", b"\r\n\r\n", b" ", b"\t", b"\r\n ", b"(", b")", b"<", b">", b"@", b",", b";", b":",
    b'"', b"\\", b"=", b"?", b"=?", b"?=", b"%", b"*", b"--", b"[", b"]", b"&#", b"\xff", b"\x80", b"\xc3", b"\xed\xa0\x80",
    b"\xf4\x8f\xbf\xbf", b"\xe2\x80\xae", b"\xcc\x81", b"0", b"-1", b"99999999999999999999", b"1e999", b"\xd9\xa3", b"\xc2\xb2", b"\xe1\x8d\xa9", b"9" * 5000,
    b"a" * 300, b"(" * 300, b"\xef\xbb\xbf",
)  # fmt: skip
MAX = 1 << 16  #: octets of an input


def damage(data: bytes, chance: random.Random, words: Sequence[bytes], others: Sequence[bytes]) -> bytes:
    """``data`` after one to eight changes."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(out) + 1)
        end = min(len(out), at + chance.choice((1, 1, 2, 4, 8, 40, 400)))
        match chance.randrange(11):
            case 0 if out:
                at = min(at, len(out) - 1)
                out[at] ^= 1 << chance.randrange(8)
            case 1 if out:
                out[min(at, len(out) - 1)] = chance.randrange(256)
            case 2:
                del out[at:end]
            case 3:
                out[at:at] = out[at:end] * chance.choice((1, 2, 5, 50))
            case 4:
                out[at:end] = chance.randbytes(end - at)
            case 5:
                del out[at:]
            case 6:
                other = chance.choice(others)
                cut = chance.randrange(len(other) + 1)
                out[at:end] = other[cut : cut + chance.choice((4, 20, 100, 1000))]
            case 7:
                other = chance.choice(others)
                out[at:] = other[chance.randrange(len(other) + 1) :]
            case 8:
                out[at:end] = chance.choice(SCRAPS)
            case 9:
                out[at:at] = chance.choice(SCRAPS)
            case _:
                word = chance.choice(words) if words else chance.choice(SCRAPS)
                out[at : chance.choice((at, end))] = word * chance.choice((1, 1, 1, 2, 30))
    return bytes(out[:MAX])
