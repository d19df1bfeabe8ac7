"""Compares docs/compatibility.md with the tested operations."""

import re

from client import Client
from service import ROOT

HEADING = re.compile(r"(\S+) (\d\S*)")
ROW = re.compile(r"^\| `([^`]+)` \|", re.M)


def sections() -> dict[str, tuple[str, str]]:
    """Version and section text of each client."""
    page = (ROOT / "docs/compatibility.md").read_text()
    parts = [part.partition("\n") for part in page.split("\n## ")]
    clients = [(HEADING.fullmatch(heading), text) for heading, _, text in parts]
    return {heading[1]: (heading[2], text) for heading, text in clients if heading}


def check_clients(names: list[str]) -> None:
    """Requires a section for each client."""
    documented = list(sections())
    assert sorted(documented) == sorted(names), f"docs/compatibility.md has {documented}, not {names}"


def check(client: Client) -> None:
    """Requires the tested version and a row for each operation."""
    version, text = sections()[client.name]
    assert version == client.version, f"docs/compatibility.md has {client.name} {version}, not {client.version}"
    rows, run = set(ROW.findall(text)), set(client.operations)
    assert rows == run, f"{client.name}: without a row: {run - rows}, without a test: {rows - run}"
