"""Prints the moments that schedules name, as CronSim has them.

Standard input has a line for each: zone, schedule, first moment (seconds since 1970), how many, split by tabs. A line of
standard output answers each: the moments in seconds since 1970.
"""
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from cronsim import CronSim

for line in sys.stdin:
    zone, schedule, start, count = line.rstrip("\n").split("\t")
    moments = CronSim(schedule, datetime.fromtimestamp(int(start), ZoneInfo(zone)))
    print(*(int(next(moments).astimezone(timezone.utc).timestamp()) for _ in range(int(count))))
