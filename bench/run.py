"""Runs the benchmark and writes bench/results/ and docs/performance.md."""

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone

import build
import load
import report

RESULTS = build.HERE / "results/latest.json.gz"
PARTS = ("cold", "work", "load", "scale")


def machine() -> dict:
    """The machine, toolchain and time of a measurement."""
    lines = open("/proc/cpuinfo").read().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "rustc": rustc.split()[1],
        "at": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": os.getloadavg()[0],
    }


def harness(*arguments) -> dict:
    command = [build.harness(), *map(str, arguments)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def read_results() -> dict:
    """The stored results by part, or none."""
    return json.loads(gzip.decompress(RESULTS.read_bytes())) if RESULTS.exists() else {}


def write_results(found: dict) -> None:
    """Stores the results. Without a time stamp, equal results give an equal file."""
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(gzip.compress(json.dumps(found).encode(), mtime=0))


def measure(part: str, quick: bool, users: list[int]) -> object:
    match part:
        case "cold":
            starts, hashes = (5, 100) if quick else (25, 1000)
            return harness("cold", build.baseline(), build.no_warmup(), build.functions(), starts, hashes)
        case "work":
            return harness("work", build.functions())
        case "load":
            return load.measure(1, 1.0) if quick else load.measure(3, 3.0)
        case "scale":
            return harness("scale", *users)


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and at most 100,000 users")
    parser.add_argument("--page", action="store_true", help="write the page from the stored results, without measuring")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"part to measure: {', '.join(PARTS)}; all by default")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    found = read_results()
    users = [1_000, 100_000] if options.quick else [1_000, 100_000, 1_000_000]
    for part in [] if options.page else options.parts or PARTS:
        began = time.monotonic()
        about = machine() | {"quick": options.quick}
        found[part] = {"about": about, "found": measure(part, options.quick, users)}
        write_results(found)
        print(f"{part}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    report.write(found)


if __name__ == "__main__":
    main()
