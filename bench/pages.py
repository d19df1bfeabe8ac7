"""Measures the first paint of the page People with many people, in headless Chromium.

`scripts/bench pages [number of people] [rounds]` runs it. Each round is a new browser context without a cache.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import build
import load


def measure(people: int, rounds: int) -> dict:
    """The medians in milliseconds: first paint, and the frame with the first rows."""
    packages = output(build.ROOT / "scripts/install-browser")
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", "0", "--data", Path(folder) / "data", "--sample", people]
        with load.program(build.local(), *options, stdout=subprocess.PIPE, text=True) as process:
            printed = {}
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                printed[word] = rest.strip()
                if word == "session":
                    break
            url = printed["listening"].removeprefix("on ")
            script = Path(__file__).parent / "first_paint.mjs"
            found = json.loads(output("node", script, packages, url, printed["session"], rounds))
    return {
        "people": found[0]["total"],
        "rounds": len(found),
        **{name: round(statistics.median(one[name] for one in found)) for name in ("paint", "rows")},
        "slowest": round(max(one["rows"] for one in found)),
    }


def output(*command) -> str:
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    print(json.dumps(measure(*(map(int, sys.argv[1:] or (100_000, 20))))))
