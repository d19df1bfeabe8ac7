"""Runs unmodified Metabase clients against the local service. `scripts/test-clients` runs it."""

import json
import logging
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import cli
import dango_platform
import dbt_library
import easecloud
import embedding_sdk
import manager
import mcp_for_metabase_tools
import mcp_pro
import metabase_api_library
import metabasepy_library
import official
import python_library
import table
import takeokunn
from client import NODE, Client
from service import service

PYPI = {
    "metabase-python": python_library.run,
    "metabase-manager": manager.run,
    "metabase-api": metabase_api_library.run,
    "metabasepy": metabasepy_library.run,
    "dbt-metabase": dbt_library.run,
    "getdango": dango_platform.run,
    "mcp-for-metabase": mcp_for_metabase_tools.run,
    "metabase-mcp-pro": mcp_pro.run,
}
NPM = {
    "@metabase/cli": official.run,
    "@metabase/embedding-sdk-react": embedding_sdk.run,
    "@takeokunn/metabase-mcp": takeokunn.run,
    "@easecloudio/mcp-metabase-server": easecloud.run,
    "metabase-cli": cli.run,
}
# Options of the service for a client.
OPTIONS = {"@metabase/embedding-sdk-react": ["--setup-token", embedding_sdk.SETUP_TOKEN]}
# Each client has a service of its own, and mostly waits.
AT_A_TIME = 4


def main() -> None:
    # Never use a proxy for the local service.
    os.environ["NO_PROXY"] = "*"
    # The libraries log the errors that the tests expect.
    logging.disable()
    clients = PYPI | NPM
    table.check_clients(list(clients))
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        running = [threads.submit(run, name, clients[name]) for name in sys.argv[1:] or clients]
    errors = [error for task in running if (error := task.exception())]
    for error in errors:
        traceback.print_exception(error)
    sys.exit(len(errors) > 0)


def run(name: str, test) -> None:
    client = Client(name, version(name))
    began = time.monotonic()
    with service(*OPTIONS.get(name, [])) as users:
        test(client, users)
    table.check(client)
    seconds = time.monotonic() - began
    print(f"clients: {name} {client.version}: {len(client.operations)} operations in {seconds:.1f} s", flush=True)


def version(name: str) -> str:
    """The installed version."""
    if name in PYPI:
        return metadata.version(name)
    return json.loads((NODE / "node_modules" / name / "package.json").read_text())["version"]


if __name__ == "__main__":
    main()
