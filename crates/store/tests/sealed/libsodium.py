"""Seals and opens values with libsodium (PyNaCl) and the hmac module, by the format that src/seal.rs describes.

    libsodium.py make COUNT SEED   prints COUNT sealed values as JSON lines
    libsodium.py open FILE         opens the values of a file of such lines, and compares them with their plain text
"""

import base64
import hashlib
import hmac
import json
import random
import sys

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt as encrypt,
)

PURPOSES = ["credentials", "replaced-token", "webhook-payload", "webhook-answer"]


def derived(key: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 without salt (RFC 5869), one block."""
    extracted = hmac.new(bytes(32), key, hashlib.sha256).digest()
    info = b"switchboard seal v1 " + purpose.encode()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def associated_data(case: dict) -> bytes:
    parts = [case[name].encode() for name in ("tenant", "provider", "row")]
    return b"v1" + b"".join(b"|%d:%s" % (len(part), part) for part in parts)


def seal(case: dict, key_id: str, key: bytes, nonce: bytes) -> str:
    plain = case["plain"].encode()
    sealed = encrypt(plain, associated_data(case), nonce, derived(key, case["purpose"]))
    return f"sb1.{key_id}.{base64.b64encode(nonce + sealed).decode()}"


def unseal(case: dict) -> str:
    version, key_id, text = case["sealed"].split(".")
    assert version == "sb1"
    keys = dict(part.split(":") for part in case["keys"].split(","))
    key = base64.b64decode(keys[key_id], validate=True)
    sealed = base64.b64decode(text, validate=True)
    plain = decrypt(sealed[24:], associated_data(case), sealed[:24], derived(key, case["purpose"]))
    return plain.decode()


def make(count: int, seed: int) -> None:
    chance = random.Random(seed)
    letters = "abc|:;.0123 \"'\\äß→\U0001f4f1\0"
    text = lambda most: "".join(chance.choice(letters) for _ in range(chance.randint(0, most)))
    for number in range(count):
        keys = {f"2026{letter}": chance.randbytes(32) for letter in "abc"[: chance.randint(1, 3)]}
        key_id = chance.choice(list(keys))
        case = {
            "keys": ",".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in keys.items()),
            "purpose": PURPOSES[number % len(PURPOSES)],
            "tenant": text(12),
            "provider": "twilio",
            "row": text(12),
            "plain": text(200),
        }
        case["sealed"] = seal(case, key_id, keys[key_id], chance.randbytes(24))
        print(json.dumps(case))


def check(path: str) -> None:
    count = 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            assert unseal(case) == case["plain"], case
            count += 1
    assert count > 0
    print(f"{count} values that this package sealed open with libsodium")


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    check(sys.argv[2])
