"""Holds docs/compatibility.md to what was tried."""

import re

from client import Client
from service import ROOT

HEADING = re.compile(r"(\S+) (\d\S*)")
ROW = re.compile(r"^\| `([^`]+)` \|", re.M)


def sections() -> dict[str, tuple[str, str]]:
    """Of each client the version and the text."""
    page = (ROOT / "docs/compatibility.md").read_text()
    parts = [part.partition("\n") for part in page.split("\n## ")]
    clients = [(HEADING.fullmatch(heading), text) for heading, _, text in parts]
    return {heading[1]: (heading[2], text) for heading, text in clients if heading}


def check_clients(names: list[str]) -> None:
    """The page has all clients and no other."""
    told = list(sections())
    assert sorted(told) == sorted(names), f"docs/compatibility.md tells of {told}, not of {names}"


def check(client: Client) -> None:
    """The page has the version that was tried, and what was tried with it."""
    version, text = sections()[client.name]
    assert version == client.version, f"docs/compatibility.md tells of {client.name} {version}, not {client.version}"
    rows, tried = set(ROW.findall(text)), set(client.tried)
    assert rows == tried, f"{client.name}: not in the page: {tried - rows}, never tried: {rows - tried}"
