"""Runs the commands of README.md as they are written, and sees that they use every route. `scripts/tour` runs it."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import service

# Notes of each request what it was and how it was answered.
NOTED = """
set -eu
curl() {
  : >body
  command curl --silent --show-error --output body --write-out '%{method} %{url} %{http_code}\\n' "$@" >>requests
  cat body
}
"""


def main() -> None:
    first, second = blocks("## Use")
    with service.running() as users:
        used = run(first.replace("SESSION=…", f"SESSION={users.session}"), users.url)
    with service.running("documented", "--no-admin", "--setup-token", "T") as users:
        used += run(second, users.url)
    wrong = [request for request, status in used if status != expected(request)]
    assert not wrong, f"README.md: {wrong}"
    missing = routes() - {route(request) for request, _ in used}
    assert not missing, f"README.md does not use {missing}"
    print(f"tour: {len(used)} commands of README.md use every route")


def blocks(heading: str) -> list[str]:
    """The commands below a heading."""
    _, _, rest = (service.ROOT / "README.md").read_text().partition(f"\n{heading}\n")
    section, _, _ = rest.partition("\n## ")
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def run(commands: str, url: str) -> list[tuple[str, int]]:
    """Runs commands against a service and tells what they asked for."""
    assert "API=http://127.0.0.1:3000\n" in commands
    commands = commands.replace("http://127.0.0.1:3000", url)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["bash", "-c", NOTED + commands], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        log = (Path(folder) / "requests").read_text()
    lines = [line.rsplit(" ", 1) for line in log.splitlines()]
    return [(request.replace(url, "").partition("?")[0], int(status)) for request, status in lines]


def expected(request: str) -> int:
    """The status that README.md tells of, or the only one that a success of the route has."""
    if request == "PUT /api/permissions/membership/18":
        return 402
    method, path = route(request).split()
    responses = DOCUMENT["paths"][path][method.lower()]["responses"]
    # An administrator who replaces another's password gets nothing.
    return 204 if "204" in responses else 200


def route(request: str) -> str:
    """The route of a request."""
    method, path = request.split()
    matching = [known for known in DOCUMENT["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path)]
    return f"{method} {min(matching, key=lambda known: known.count('{'))}"


def routes() -> set[str]:
    """Every route but HEAD, which is answered as GET is."""
    paths = DOCUMENT["paths"].items()
    return {f"{method.upper()} {path}" for path, methods in paths for method in methods if method != "head"}


DOCUMENT = json.loads((service.ROOT / "openapi.json").read_text())

if __name__ == "__main__":
    main()
