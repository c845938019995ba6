"""Random requests, signed and judged by Twilio's Python package.

    python signatures.py make SEED COUNT > cases.jsonl     signs, spoils some, judges
    python signatures.py judge < cases.jsonl               adds its judgement to what another package signed
"""

import json
import random
import sys

from twilio.request_validator import RequestValidator

TOKEN = "0123456789abcdef0123456789abcdef"
VALIDATOR = RequestValidator(TOKEN)
WORDS = ["", "a", "Hello", "it's", "ñ", "☕", "😀", "a b", " x ", "+14155551234", "a&b=c", "100%", "<x>", "\u00a0", "Z", "z"]
KEYS = ["Body", "From", "To", "CallSid", "callSid", "Digits", "Tag", "Tags", "MediaUrl0", "Ñame", "A.b", "a"]
QUERIES = ["", "?x=1", "?q=it's", "?q=%27", "?a@b=c:d", "?q=a+b", "?q=a%20b", "?q=%C3%B1", "?q=", "?q=1&q=2", "?x=1&q=a%2Bb"]


class Multi(dict):
    """What web frameworks hand over: a name may have several values."""

    def getall(self, name):
        return self[name]


def url(rng):
    scheme = rng.choice(["http", "https"])
    port = rng.choice(["", "", ":443", ":80", ":8443"])
    path = rng.choice(["/sms", "/sms/", "/a/b.php", "/", "/it's", "/a%20b"])
    return f"{scheme}://example.com{port}{path}{rng.choice(QUERIES)}"


def params(rng):
    found = {}
    for _ in range(rng.randrange(12)):
        found.setdefault(rng.choice(KEYS), []).append(rng.choice(WORDS))
    return found


def spoil(rng, case):
    """One change, or none; a signature for another spelling of the port counts as none."""
    kind = rng.choice(["none", "none", "none", "port", "value", "url", "signature", "missing"])
    if kind == "port":
        scheme, rest = case["url"].split("://")
        host, slash, path = rest.partition("/")
        host = host.split(":")[0] if ":" in host else host + rng.choice([":443", ":80", ":9"])
        case["url"] = f"{scheme}://{host}{slash}{path}"
    elif kind == "value" and case["params"]:
        key = rng.choice(sorted(case["params"]))
        case["params"][key] = case["params"][key][:-1] + ["changed"]
    elif kind == "url":
        case["url"] = case["url"].replace("example", "exbmple")
    elif kind == "signature":
        case["signature"] = case["signature"][:5] + rng.choice("Aa0/") + case["signature"][6:]
    elif kind == "missing" and case["params"]:
        case["params"].pop(rng.choice(sorted(case["params"])))
    case["spoiled"] = kind


def judge(case):
    return bool(VALIDATOR.validate(case["url"], Multi(case["params"]), case["signature"]))


def make(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        case = {"token": TOKEN, "signer": "python", "url": url(rng), "params": params(rng)}
        case["signature"] = VALIDATOR.compute_signature(case["url"], Multi(case["params"]))
        spoil(rng, case)
        case["python"] = judge(case)
        print(json.dumps(case))


if sys.argv[1] == "make":
    make(int(sys.argv[2]), int(sys.argv[3]))
else:
    for line in sys.stdin:
        case = json.loads(line)
        print(json.dumps(case | {"python": judge(case)}))
