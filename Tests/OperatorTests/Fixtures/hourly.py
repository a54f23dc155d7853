"""Hourly count, sum, least, greatest and p95 of a file of samples, computed from nothing but the file.

An independent check of the import and the roll-up: it shares no code with them. One line of tab-separated values for each
tenant, project, metric and hour. The p95 is the nearest rank, as percentile_disc has it.
"""

import csv
import math
import sys
from collections import defaultdict
from datetime import datetime, timezone

hours = defaultdict(list)
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        moment = datetime.fromisoformat(row["ts"].replace("Z", "+00:00"))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        hour = moment.replace(minute=0, second=0, microsecond=0)
        key = (row["tenant"], row["project"], row["metric"], int(hour.timestamp()))
        hours[key].append(float(row["value"]))

for key in sorted(hours):
    values = sorted(hours[key])
    p95 = values[math.ceil(0.95 * len(values)) - 1]
    print(*key, len(values), repr(math.fsum(values)), repr(values[0]), repr(values[-1]), repr(p95), sep="\t")
