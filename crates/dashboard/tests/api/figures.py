"""Prints what the server answered, and fails if the run was not worth its name: `figures.py FILE...`.

- An operation that needs nothing to exist before, and never succeeded, was never really tried.
- A 503 says "try again", but a fault of the database hides behind it, too. One fails the run, unless API_ALLOW_503=1.
"""

import collections
import json
import os
import sys

runs = [json.load(open(file)) for file in sys.argv[1:]]
counts = collections.defaultdict(collections.Counter)
for run in runs:
    for operation, statuses in run["counts"].items():
        counts[operation].update({int(status): count for status, count in statuses.items()})

total = sum(counts.values(), collections.Counter())
succeeded = {operation for operation, statuses in counts.items() if any(200 <= status < 300 for status in statuses)}
print(f"\n{sum(total.values())} requests to {len(counts)} operations, by status:")
for operation, statuses in sorted(counts.items()):
    print(f"  {operation:60} " + "  ".join(f"{status}: {count}" for status, count in sorted(statuses.items())))
print(f"  {'all':60} " + "  ".join(f"{status}: {count}" for status, count in sorted(total.items())))
print(f"{len(succeeded)} of {len(counts)} operations succeeded at least once")

failed = []
for operation in sorted(set(counts) - succeeded):
    if "{id}" in operation or "/credentials/" in operation:
        print(f"never succeeded, for want of something that exists: {operation}")
    else:
        failed.append(f"never succeeded: {operation}")
for fault in [fault for run in runs for fault in run["faults"]]:
    print(f"answered {fault}")
if total[503] and os.environ.get("API_ALLOW_503") != "1":
    failed.append(f"503 was answered {total[503]} times")
if not counts:
    failed.append("nothing was asked")
for line in failed:
    print(f"FAILED: {line}")
sys.exit(bool(failed))
