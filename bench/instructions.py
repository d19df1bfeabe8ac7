"""Checks each function against its instruction budget in docs/instructions.md.

Usage: scripts/count-instructions [--write] [function ...]
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import build

PAGE = build.ROOT / "docs/instructions.md"
ALLOWED = 0.05
ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "arm64"}


def deployed() -> Path:
    """Builds the functions for deployment on this architecture and returns their directory."""
    build.run("scripts/build", cwd=build.ROOT, env=os.environ | {"ARCHITECTURE": ARCHITECTURES[platform.machine()]})
    directory = build.TOOLS / "deployed"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for binary in (build.ROOT / "target/lambda").glob("*/bootstrap"):
        (directory / binary.parent.name).symlink_to(binary)
    return directory


def counted(directory: Path, names: list[str]) -> dict[str, tuple[int, int]]:
    """Instructions from start to first poll and per warm request, by function."""
    command = [build.harness(), "instructions", directory, *names]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return {name: (counts["start"], counts["request"]) for name, counts in found.items()}


def budgets() -> dict[str, tuple[int, int]]:
    cells = [[cell.strip() for cell in line.split("|")] for line in PAGE.read_text().splitlines()]
    return {row[1]: (number(row[2]), number(row[3])) for row in cells if len(row) == 5 and row[2][:1].isdigit()}


def number(text: str) -> int:
    return int(text.replace(",", ""))


def within_budget(counts: tuple[int, int], budget: tuple[int, int] | None) -> bool:
    return budget is not None and all(abs(count - most) <= ALLOWED * most for count, most in zip(counts, budget))


def lowest(names: list[str], allowed: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
    """Counts functions, those out of budget twice, and returns the lower counts.

    On a busy machine the table can respond late. The wait adds instructions, and so does the second
    request that follows after two seconds.
    """
    directory = deployed()
    found = counted(directory, names)
    unusual = [name for name, counts in found.items() if not within_budget(counts, allowed.get(name))]
    second = counted(directory, unusual) if unusual else {}
    return found | {name: tuple(map(min, found[name], counts)) for name, counts in second.items()}


def write(found: dict[str, tuple[int, int]]) -> None:
    text = PAGE.read_text()
    head = text[: text.index("| Function")]
    rows = "".join(f"| {name} | {start:,} | {request:,} |\n" for name, (start, request) in sorted(found.items()))
    PAGE.write_text(f"{head}| Function | Start | A warm request |\n| --- | --- | --- |\n{rows}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/count-instructions", description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the budgets by the counted instructions")
    parser.add_argument("functions", nargs="*", metavar="function", help="function to count; all by default")
    options = parser.parse_args()
    allowed = budgets()
    found = lowest(options.functions, allowed)
    if options.write:
        write((allowed if options.functions else {}) | found)
        return 0
    wrong = {name for name, counts in found.items() if not within_budget(counts, allowed.get(name))}
    for name in sorted(wrong):
        print(f"{name}: {found[name]} instructions, budget {allowed.get(name)}", file=sys.stderr)
    gone = set() if options.functions else allowed.keys() - found.keys()
    for name in sorted(gone):
        print(f"{name}: has a budget, but is not a function", file=sys.stderr)
    print(f"{len(found)} functions counted")
    return 1 if wrong or gone else 0


if __name__ == "__main__":
    sys.exit(main())
