"""Addresses of crypto currencies, by the checks that wallets make.

It must never accept an address by its shape: one mistyped character makes it none.

Sources: Bitcoin's base58check; BIP 173 (bech32) and BIP 350 (bech32m); EIP-55 (mixed-case addresses of Ethereum)
and the Keccak submission to SHA-3 (Keccak-f[1600], padding 0x01).
"""

from __future__ import annotations

import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VERSIONS = frozenset(
    {0x00, 0x05, 0x1E, 0x16, 0x30, 0x32, 0x41, 0x4C}
)  # Bitcoin, Dogecoin, Litecoin, Tron, Dash
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_HEADS = frozenset({"bc", "tb", "ltc"})
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_ENDS = frozenset({1, 0x2BC830A3})
_ROUNDS = 24
_LANE = (1 << 64) - 1


def base58check(address: str) -> bool:
    """True for a version byte of a known currency, twenty bytes, and four bytes of their double SHA-256."""
    number = 0
    for sign in address:
        place = _BASE58.find(sign)
        if place < 0:
            return False
        number = number * 58 + place
    if number >> 200:
        return False
    raw = number.to_bytes(25, "big")
    ones = len(address) - len(address.lstrip("1"))
    if ones != len(raw) - len(raw.lstrip(b"\0")) or raw[0] not in _VERSIONS:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def bech32(address: str) -> bool:
    """True for a segregated-witness address of one case throughout."""
    if address not in (address.lower(), address.upper()):
        return False
    head, _, data = address.lower().rpartition("1")
    values = [_BECH32.find(sign) for sign in data]
    if head not in _BECH32_HEADS or len(values) < 7 or min(values) < 0:
        return False
    return _polymod([*(ord(c) >> 5 for c in head), 0, *(ord(c) & 31 for c in head), *values]) in _BECH32_ENDS


def ethereum(address: str) -> bool:
    """True for forty hexadecimal digits of one case, or whose capitals are those of EIP-55."""
    digits = address[2:]
    lowered = digits.lower()
    if len(set(lowered)) == 1:
        return False
    if digits in (lowered, digits.upper()):
        return True
    hashed = keccak_256(lowered.encode()).hex()
    return all(
        sign.isupper() == (int(hashed[place], 16) > 7) for place, sign in enumerate(digits) if sign.isalpha()
    )


def keccak_256(message: bytes) -> bytes:
    """The 32 bytes of Keccak-256 as Ethereum uses it (not SHA3-256, whose padding differs)."""
    rate = 136
    padded = bytearray(message) + b"\x01" + bytes(-(len(message) + 1) % rate)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), rate):
        for lane in range(rate // 8):
            lanes[lane] ^= int.from_bytes(padded[start + 8 * lane : start + 8 * lane + 8], "little")
        _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _permute(lanes: list[int]) -> None:
    register = 1
    for _ in range(_ROUNDS):
        parity = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        for x in range(5):
            mixed = parity[(x + 4) % 5] ^ _turned(parity[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                lanes[x + y] ^= mixed
        x, y, held = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            held, lanes[x + 5 * y] = lanes[x + 5 * y], _turned(held, (step + 1) * (step + 2) // 2 % 64)
        for row in range(0, 25, 5):
            line = lanes[row : row + 5]
            for x in range(5):
                lanes[row + x] = line[x] ^ (~line[(x + 1) % 5] & _LANE & line[(x + 2) % 5])
        for bit in range(7):
            register = (register << 1 ^ (register >> 7) * 0x71) & 0xFF
            if register & 2:
                lanes[0] ^= 1 << ((1 << bit) - 1)


def _turned(lane: int, by: int) -> int:
    return ((lane << by) | (lane >> (64 - by))) & _LANE if by else lane


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= generator
    return checksum
