"""Starts `cargo run` on a free port with an in-memory table, for black-box tests."""

import os
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOKEN = "a setup token for a test"


@dataclass
class Service:
    """A running service, with the credentials and a session of the first administrator."""

    url: str
    email: str
    password: str
    session: str


@contextmanager
def running(dialect: str = "documented", *options: str):
    """Runs a service. It has an administrator, unless the options contain `--no-admin`."""
    variables = {"API_DIALECT": dialect, "SETUP_TOKEN": TOKEN}
    command = ["cargo", "run", "--quiet", "--locked", "--", "--in-memory", "--port", "0", *options]
    log = (ROOT / "target/service.log").open("w")
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.PIPE, stderr=log, text=True,
        start_new_session=True,
    )
    try:
        yield read_banner(process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


def read_banner(process: subprocess.Popen) -> Service:
    """Reads the URL and the credentials from the output of the service."""
    words: dict[str, str] = {}
    for line in process.stdout:
        match line.split():
            case ["listening", "on", url]:
                words["url"] = url
            case ["email" | "password" | "session" as name, value]:
                words[name] = value
            case ["curl", *_]:
                return Service(words["url"], words["email"], words["password"], words["session"])
            case ["The", "instance", "is", "not", "set", "up.", *_]:
                return Service(words["url"], "", "", "")
    raise RuntimeError("the service did not start; see target/service.log")
