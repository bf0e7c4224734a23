"""The bus key's signature, and secrets: by libsodium, which every host of Pelago has.

SPDX-License-Identifier: Apache-2.0
"""
import base64
import ctypes

SEED_PREFIX = bytes([(18 << 3) | ((20 << 3) >> 5), ((20 << 3) & 31) << 3])  # "SU"
USER_PREFIX = bytes([20 << 3])  # "U"


def _sodium():
    library = ctypes.CDLL("libsodium.so.23")
    if library.sodium_init() < 0:
        raise OSError("libsodium can't be started")
    return library


def crc16(data):
    """CRC-16/XMODEM."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _decode_seed(text):
    raw = base64.b32decode(text + "=" * (-len(text) % 8))
    if len(raw) != 36 or raw[:2] != SEED_PREFIX or crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        raise ValueError("it holds no whole seed of a user of the bus")
    return raw[2:-2]


class Key:
    """The key pair whose seed is the first line of a file (nkeys)."""

    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            try:
                seed = _decode_seed(file.readline().strip())
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from None
        self.sodium = _sodium()
        public, self.secret = ctypes.create_string_buffer(32), ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_seed_keypair(public, self.secret, seed)
        data = USER_PREFIX + public.raw
        self.public = base64.b32encode(data + crc16(data).to_bytes(2, "little")).decode().rstrip("=")

    def sign(self, text):
        """base64url of the signature (Ed25519) of a text."""
        data, signature = text.encode(), ctypes.create_string_buffer(64)
        self.sodium.crypto_sign_detached(signature, None, data, ctypes.c_ulonglong(len(data)), self.secret)
        return base64.urlsafe_b64encode(signature.raw).decode().rstrip("=")


def open_secret(key_path, sealed):
    """The text of a secret that was sealed to a node, by the node's key pair."""
    with open(key_path, encoding="ascii") as file:
        secret, public = (base64.b64decode(file.readline()) for _ in range(2))
    box = base64.b64decode(sealed)
    text = ctypes.create_string_buffer(max(len(box) - 48, 1))
    if len(box) < 48 or _sodium().crypto_box_seal_open(text, box, ctypes.c_ulonglong(len(box)), public, secret) != 0:
        raise ValueError("the secret is sealed for another key than this node has")
    return text.raw[:len(box) - 48].decode()
