"""Runs unmodified Metabase clients against the local service. `scripts/test-clients` runs it."""

import json
import os
import sys
import time
from importlib import metadata

import cli
import manager
import mcp
import official
import python_library
import table
from client import NODE, Client
from service import service

PYPI = {"metabase-python": python_library.run, "metabase-manager": manager.run}
NPM = {"@metabase/cli": official.run, "@takeokunn/metabase-mcp": mcp.run, "metabase-cli": cli.run}


def main() -> None:
    # Never use a proxy for the local service.
    os.environ["NO_PROXY"] = "*"
    clients = PYPI | NPM
    table.check_clients(list(clients))
    for name in sys.argv[1:] or clients:
        client = Client(name, version(name))
        began = time.monotonic()
        with service() as users:
            clients[name](client, users)
        table.check(client)
        print(f"clients: {name} {client.version}: {len(client.operations)} operations", end=" ")
        print(f"in {time.monotonic() - began:.1f} s", flush=True)


def version(name: str) -> str:
    """The installed version."""
    if name in PYPI:
        return metadata.version(name)
    return json.loads((NODE / "node_modules" / name / "package.json").read_text())["version"]


if __name__ == "__main__":
    main()
