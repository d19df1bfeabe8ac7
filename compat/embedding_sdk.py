"""The command line of @metabase/embedding-sdk-react, which sets an instance up with its cookie alone.

The program starts Metabase in Docker. Here, `docker` reports the local service as that container.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import tempfile
import termios
import time
from pathlib import Path

from client import NODE, Client, Program
from service import ALL_USERS, Service

# The setup token that the program gives to its container.
SETUP_TOKEN = "2a29948a-ed75-490e-9391-a22690fa5a76"
EMAIL = "demo@example.com"
DOCKER = """#!/bin/sh
case "$*" in
  *json*) echo '{"State":"running","Ports":"0.0.0.0:PORT->3000/tcp"}' ;;
esac
"""


def run(client: Client, service: Service) -> None:
    port = service.url.rpartition(":")[2]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        docker = folder / "bin/docker"
        docker.parent.mkdir()
        docker.write_text(DOCKER.replace("PORT", port))
        docker.chmod(0o755)
        versions = {"react": "18.3.1", "react-dom": "18.3.1", client.name: client.version}
        (folder / "package.json").write_text(json.dumps({"name": "app", "dependencies": versions}))
        program = Program(NODE / "node_modules/.bin/embedding-sdk-react", folder)
        program.variables["PATH"] = f"{docker.parent}:{os.environ['PATH']}"
        output = start(program, [("admin user?", EMAIL), ("connect to?", "n")])
        check(client, service, output, json.loads((folder / "METABASE_LOGIN.json").read_text()))


def start(program: Program, prompts: list[tuple[str, str]]) -> str:
    """Runs `start` in a terminal, responds to its prompts, and returns the output."""
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    with subprocess.Popen(
        [program.path, "start"],
        cwd=program.home,
        env=program.environment() | {"TERM": "xterm"},
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    ) as process:
        os.close(inside)
        output, until = "", time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                output += os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
            if prompts and prompts[0][0] in output:
                os.write(terminal, (prompts.pop(0)[1] + "\r").encode())
        process.kill()
    os.close(terminal)
    assert not prompts, output[-2000:]
    return output


def check(client: Client, service: Service, output: str, login: dict) -> None:
    with client.operation("start: wait for the instance"):
        assert login["url"] == service.by_name, login
        assert "Waiting for the Metabase instance" in output, output[-2000:]
    with client.operation("start: create an administrator"):
        service.session = service.log_in(login)
        me = service.expect(200, "GET", "/api/user/current")
        assert (me["email"], me["common_name"], me["is_superuser"]) == (EMAIL, "Demo Embedding", True), me
    with client.operation("start: create an API key with the cookie"):
        [key] = service.expect(200, "GET", "/api/api-key")
        assert (key["name"], key["group"]["id"]) == ("Embedding SDK Demo", ALL_USERS), key
    with client.operation("start: add a database"):
        assert "Aborted." in output, output[-2000:]
