"""Counts the answers by operation and status into the file API_COUNTS, and lets JSON lines be generated."""

import atexit
import collections
import json
import os

import schemathesis

counts = collections.defaultdict(collections.Counter)
faults = []


@schemathesis.serializer("application/x-ndjson")
def json_lines(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@schemathesis.hook
def after_call(ctx, case, response):
    # Other methods are tried on the same path, too: they are no answers of this operation.
    if response.request.method != case.operation.method.upper():
        return
    counts[case.operation.label][response.status_code] += 1
    if response.status_code >= 500 and len(faults) < 20:
        body = response.request.body
        body = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        faults.append(f"{response.status_code} {response.request.method} {response.request.url} {(body or '')[:300]}")


@atexit.register
def write():
    with open(os.environ["API_COUNTS"], "w") as file:
        json.dump({"counts": counts, "faults": faults}, file)
