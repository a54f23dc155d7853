#!/usr/bin/env python3
"""Checks a bundle of `cygni retention evidence` without a database, without cygni, with Python 3 alone.

Usage: verify-evidence.py evidence.json

It recomputes the hash of every entry about retention, follows the links of the chain through all others, recomputes the
digest of every archived partition that went, and adds the sums up again. The last line is where the chain had got to: hold it
against an anchor that was kept outside of the database (cygni audit verify --write-anchor).
Exit status: 0 all is in order, 1 something is not, 64 wrong usage.
"""
import hashlib
import json
import sys


def field(value):
    """One field of an entry as it is hashed: a netstring, or -, for none."""
    return b"-," if value is None else str(len(value)).encode() + b":" + value + b","


def entry_hash(entry):
    texts = ["cygni-audit-1", None, entry["seq"], entry["id"], entry["at_us"], entry["actor"], entry["action"],
             entry["subject"], entry["details"]]
    fields = [None if text is None else str(text).encode() for text in texts] + [bytes.fromhex(entry["prev_hash"])]
    return hashlib.sha256(b"".join(field(value) for value in fields)).hexdigest()


def faults_of(bundle):
    if bundle.get("format") != "cygni-evidence-1":
        yield "it is no bundle of the form cygni-evidence-1"
        return
    before = None
    sums = {}
    for entry in bundle["entries"]:
        place = f"entry {entry['seq']}"
        if before is not None and (entry["seq"] != before["seq"] + 1 or entry["prev_hash"] != before["hash"]):
            yield f"{place} does not continue entry {before['seq']}"
        before = entry
        if "details" not in entry:
            continue
        if entry_hash(entry) != entry["hash"]:
            yield f"{place} was altered: its hash is another"
        if entry["action"] != "retention.purged":
            continue
        receipt = json.loads(entry["details"])
        archives = receipt["proof"].get("archives")
        if receipt["weapon"] in ("drop", "rewrite") and archives:
            root = hashlib.sha256(",".join(a["row_digest"] for a in archives).encode()).hexdigest()
            if root != receipt["digest"]:
                yield f"{place}: the digest of {receipt['item']} is not that of its archives"
            if receipt["weapon"] == "drop" and sum(a["rows"] for a in archives) != receipt["rows"]:
                yield f"{place}: {receipt['item']} had other rows than its archives"
        total = sums.setdefault((receipt["source"], receipt["weapon"]), [0, 0, 0])
        for index, value in enumerate([1, receipt["rows"], receipt["bytes"]]):
            total[index] += value
    told = {(s["source"], s["weapon"]): [s["receipts"], s["rows"], s["bytes"]] for s in bundle["summary"]}
    if told != sums:
        yield "the summary is not the sum of the receipts"
    for name in bundle["unlinked"]:
        yield f"receipt {name} is not in the audit log"


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 64
    with open(sys.argv[1], encoding="utf-8") as file:
        bundle = json.load(file)
    faults = list(faults_of(bundle))
    for fault in faults:
        print(fault)
    entries = bundle.get("entries", [])
    print(f"{len(entries)} entries, {bundle.get('from')} to {bundle.get('to')}: "
          + (f"{len(faults)} faults" if faults else "in order"))
    if entries:
        print(f"the chain stands at entry {entries[-1]['seq']} {entries[-1]['hash']}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
