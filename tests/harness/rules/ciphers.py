"""IPCrypt (draft-denis-ipcrypt), deterministic and prefix-preserving, and AES-SIV."""

from __future__ import annotations

import base64
import ipaddress
from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from harness.rules.addresses import Ip

MAPPED = b"\0" * 10 + b"\xff\xff"


@cache
def _encryptor(key: bytes) -> CipherContext:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # One block at a time.


def _aes(key: bytes, block: bytes) -> bytes:
    return _encryptor(key).update(block)


def _bytes_of(ip: Ip) -> bytes:
    return MAPPED + ip.packed if ip.version == 4 else ip.packed


def _ip_of(data: bytes) -> Ip:
    if data.startswith(MAPPED):
        return ipaddress.IPv4Address(data[12:])
    return ipaddress.IPv6Address(data)


def ipcrypt(key: bytes, ip: Ip) -> Ip:
    return _ip_of(_aes(key, _bytes_of(ip)))


def ipcrypt_pfx(key: bytes, ip: Ip) -> Ip:
    """Bit by bit: what encrypts a bit depends on those before it."""
    source = int.from_bytes(_bytes_of(ip), "big")
    start = 96 if ip.version == 4 else 0
    result = source >> (128 - start) << (128 - start) if start else 0
    prefix = (1 << start) | (source >> (128 - start) if start else 0)
    for position in range(start, 128):
        block = (prefix & ((1 << 128) - 1)).to_bytes(16, "big")
        bit = source >> (127 - position) & 1
        cipher = (_aes(key[:16], block)[15] ^ _aes(key[16:], block)[15]) & 1
        result |= (bit ^ cipher) << (127 - position)
        prefix = prefix << 1 | bit
    return _ip_of(result.to_bytes(16, "big"))


def siv(key: bytes, token: bytes, path: str) -> str:
    sealed = AESSIV(key).encrypt(token, [path.encode(), b"turnstile"])
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def derived(secret: bytes, label: str, length: int) -> bytes:
    """HKDF-SHA-256 without a salt; the label is the info."""
    return HKDF(SHA256(), length, None, label.encode()).derive(secret)
