"""Writes the hashes of all wheels that scripts/install-tools may install. `scripts/lock-tools` runs it.

pip chooses the wheels, for each platform and Python version below and for this machine, and reports
their hashes. Hashes of an unchanged version stay, so a run on another platform adds its own.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LISTS = Path(__file__).parent.parent / "tools"
# Every set must have wheels for these, or for its own versions.
REQUIRED = ("3.10", "3.11")
OWN = {"compat": ("3.11",)}
# Locked where all wheels of a set exist.
OPTIONAL = ("3.12", "3.13")
GLIBC = ("2_17", "2_28", "2_34")
PLATFORMS = {
    "Linux x86-64": ["linux_x86_64", "manylinux2014_x86_64", *(f"manylinux_{version}_x86_64" for version in GLIBC)],
    "Linux arm64": ["linux_aarch64", "manylinux2014_aarch64", *(f"manylinux_{version}_aarch64" for version in GLIBC)],
    "macOS arm64": [f"macosx_{version}_0_{kind}" for version in (11, 12, 13, 14) for kind in ("arm64", "universal2")],
}
PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)(\s*;[^\\]*)?")
HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


def main(names: list[str]) -> None:
    for path in [LISTS / f"{name}.txt" for name in names] or sorted(LISTS.glob("*.txt")):
        lock(path)


def lock(path: Path) -> None:
    comments, pins = read(path.read_text())
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "pins.txt"
        # Without markers: pip would compare them with this machine instead of the target.
        plain.write_text("\n".join(pins))
        covered = [name for name, options in targets() if add(pins, plain, options, name)]
    required = OWN.get(path.stem, REQUIRED)
    missing = {f"{platform}, Python {python}" for platform in list(PLATFORMS)[:2] for python in required}
    missing -= set(covered)
    unhashed = [pin for pin, (_, hashes) in pins.items() if not hashes]
    if missing or unhashed:
        sys.exit(f"{path.name}: no wheels for {'; '.join(sorted(missing)) or ', '.join(unhashed)}")
    path.write_text(written(comments, pins))
    print(f"{path.name}: {len(pins)} packages for {'; '.join(covered)}", flush=True)


def targets():
    """The options of pip for each platform and Python version, and for this machine."""
    for platform, tags in PLATFORMS.items():
        for python in REQUIRED + OPTIONAL:
            tag_options = [option for tag in tags for option in ("--platform", tag)]
            yield f"{platform}, Python {python}", ["--python-version", python, *tag_options]
    yield "this machine", []


def add(pins: dict, plain: Path, options: list[str], name: str) -> bool:
    """Adds the hashes of the wheels for a target. Returns whether all wheels exist."""
    report = plain.with_name("report.json")
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--ignore-requires-python",
        "--ignore-installed", "--only-binary=:all:", "--target", plain.with_name("none"), "--report", report,
        *options, "--requirement", plain,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"no hashes for {name}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return False
    normalized = {normal(pin): pin for pin in pins}
    for item in json.loads(report.read_text())["install"]:
        pin = normalized[normal(f"{item['metadata']['name']}=={item['metadata']['version']}")]
        pins[pin][1].add("sha256:" + item["download_info"]["archive_info"]["hashes"]["sha256"])
    return True


def normal(pin: str) -> str:
    """A pin with the name as normalized by PyPI."""
    name, _, version = pin.partition("==")
    return re.sub(r"[-_.]+", "-", name).lower() + "==" + version


def read(text: str) -> tuple[list[str], dict[str, tuple[str, set[str]]]]:
    """The comments of a list, and the marker and the hashes of each pin."""
    comments, pins = [], {}
    for line in text.replace("\\\n", " ").splitlines():
        found = PIN.match(line)
        if line.startswith("#"):
            comments.append(line)
        elif found:
            name, version, marker = found.groups(default="")
            marker = f" {marker.partition('--hash')[0].strip()}" if marker else ""
            pins[f"{name}=={version}"] = (marker, set(HASH.findall(line)))
        elif line.strip():
            sys.exit(f"not a pin: {line}")
    return comments, pins


def written(comments: list[str], pins: dict[str, tuple[str, set[str]]]) -> str:
    lines = [*comments]
    for pin in sorted(pins, key=normal):
        marker, hashes = pins[pin]
        lines.append(" \\\n".join([f"{pin}{marker}", *(f"    --hash={value}" for value in sorted(hashes))]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
