"""Check digits: what an identifier proves of itself.

Bitcoin (Base58Check; Bech32 of BIP 173, Bech32m of BIP 350), Ethereum (EIP-55), IBAN (ISO 13616, mod 97),
IMEI (Luhn), Brazilian case numbers (CNJ, mod 97), Chilean RUC (mod 11). Laws: total; bounded by the argument's length.
"""

import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def base58check(text: str) -> bool:
    """A Base58Check string of 25 octets, as Bitcoin's older addresses are."""
    number = 0
    for char in text[:60]:
        digit = _BASE58.find(char)
        if digit < 0:
            return False
        number = number * 58 + digit
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def bech32(text: str) -> bool:
    """A Bech32 or Bech32m string (BIP 173, BIP 350)."""
    text = text.lower()[:90]
    prefix, _, data = text.rpartition("1")
    if not prefix or len(data) < 6 or any(c not in _BECH32 for c in data):
        return False
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix] + [_BECH32.index(c) for c in data]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)


def _rotate(value: int, by: int) -> int:
    by %= 64
    return (value << by | value >> (64 - by)) & 0xFFFFFFFFFFFFFFFF


def _round_constants() -> tuple[int, ...]:
    """FIPS 202 3.2.5: the constants of iota, from their linear feedback shift register."""
    constants, state = [], 1
    for _ in range(24):
        constant = 0
        for power in range(7):
            if state & 1:
                constant |= 1 << ((1 << power) - 1)
            state = state << 1 ^ (0x171 if state & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


_IOTA = _round_constants()


def keccak256(message: bytes) -> bytes:
    """Keccak-256 with the original padding, as Ethereum uses it; one block (up to 135 octets)."""
    block = bytearray(136)
    block[: len(message)] = message[:135]
    block[min(len(message), 135)] ^= 0x01
    block[135] ^= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for n in range(17):
        lanes[n % 5][n // 5] = int.from_bytes(block[8 * n : 8 * n + 8], "little")
    for constant in _IOTA:
        column = [lanes[x][0] ^ lanes[x][1] ^ lanes[x][2] ^ lanes[x][3] ^ lanes[x][4] for x in range(5)]
        for x in range(5):
            theta = column[x - 1] ^ _rotate(column[(x + 1) % 5], 1)
            for y in range(5):
                lanes[x][y] ^= theta
        x, y, current = 1, 0, lanes[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], _rotate(current, (step + 1) * (step + 2) // 2)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
        lanes[0][0] ^= constant
    return b"".join((lanes[n % 5][n // 5] & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little") for n in range(4))


def ethereum(text: str) -> bool:
    """An Ethereum address; where it mixes cases, EIP-55 must hold."""
    digits = text[2:]
    if len(digits) != 40 or digits in (digits.lower(), digits.upper()):
        return len(digits) == 40
    digest = keccak256(digits.lower().encode()).hex()
    return all(not c.isalpha() or c.isupper() == (int(digest[n], 16) >= 8) for n, c in enumerate(digits))


def iban(text: str) -> bool:
    """ISO 13616: the four first characters moved to the end make 1 modulo 97."""
    text = text.replace(" ", "").upper()
    if not 15 <= len(text) <= 34 or not text.isalnum() or not text.isascii():
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def luhn(digits: str) -> bool:
    """The check digit of IMEI and card numbers."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def cnj(reference: str) -> bool:
    """Brazil's unified case number NNNNNNN-DD.AAAA.J.TR.OOOO: ISO 7064 mod 97-10 over the digits, DD last."""
    digits = "".join(c for c in reference if c.isdigit())
    return len(digits) == 20 and int(digits[:7] + digits[9:] + digits[7:9]) % 97 == 1


def ruc(reference: str) -> bool:
    """Chile's RUC: digits, a hyphen, and a mod 11 check character."""
    digits, _, check = reference.upper().rpartition("-")
    digits = "".join(c for c in digits if c.isdigit())
    if not digits or not check:
        return False
    total = sum(int(c) * (2 + place % 6) for place, c in enumerate(reversed(digits)))
    return "0123456789K"[-total % 11] == check[0]
