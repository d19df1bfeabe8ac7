"""Reads the reports of Lambda at the end of an invocation, as text and as JSON."""

import json
import math
import re
from dataclasses import dataclass

TEXT = re.compile(
    r"REPORT RequestId: (?P<request>\S+)\s+Duration: (?P<duration>[\d.]+) ms\s+Billed Duration: (?P<billed>[\d.]+) ms\s+"
    r"Memory Size: (?P<size>\d+) MB\s+Max Memory Used: (?P<used>\d+) MB(?:\s+Init Duration: (?P<init>[\d.]+) ms)?"
)

ID = re.compile(r'(?:RequestId: |"(?:function_request_id|requestId)": ?")([0-9a-f-]{36})')


@dataclass(frozen=True)
class Report:
    """The report of one invocation. Only a cold start has the duration of the initialization."""

    duration_ms: float
    billed_ms: float
    size_mb: int
    used_mb: int
    init_ms: float | None


def parse(log: str) -> dict[str, Report]:
    """The reports in lines of a log, by request ID."""
    found = {}
    for line in log.splitlines():
        pair = of_json(line) if line.lstrip().startswith("{") else of_text(line)
        if pair and (pair[0] not in found or pair[1].init_ms is not None):
            found[pair[0]] = pair[1]
    return found


def of_text(line: str) -> tuple[str, Report] | None:
    match = TEXT.search(line)
    if not match:
        return None
    init = match["init"]
    return match["request"], Report(
        float(match["duration"]), float(match["billed"]), int(match["size"]), int(match["used"]),
        None if init is None else float(init),
    )


def of_json(line: str) -> tuple[str, Report] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if event.get("type") != "platform.report":
        return None
    metrics = event["record"]["metrics"]
    init = metrics.get("initDurationMs")
    return event["record"]["requestId"], Report(
        float(metrics["durationMs"]), float(metrics["billedDurationMs"]), int(metrics["memorySizeMB"]),
        int(metrics["maxMemoryUsedMB"]), None if init is None else float(init),
    )


def request_id(log: str) -> str | None:
    """The request ID in the log of one invocation."""
    match = ID.search(log)
    return match[1] if match else None


def units(log: str) -> tuple[float, float]:
    """The read and write units in the request lines of the functions."""
    read = write = 0.0
    for line in log.splitlines():
        if '"_aws"' in line:
            try:
                event = json.loads(line)
            except ValueError:
                # The first line of a tail may be cut.
                continue
            read += event.get("ReadUnits", 0)
            write += event.get("WriteUnits", 0)
    return read, write


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
