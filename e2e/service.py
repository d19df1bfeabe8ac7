"""The service as `cargo run` starts it, on a free port and with nothing kept: for tests from outside."""

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
    """A service, its first administrator and a session of theirs."""

    url: str
    email: str
    password: str
    session: str


@contextmanager
def running(dialect: str = "documented", *options: str):
    """A service, with an administrator unless the options say otherwise."""
    variables = {"API_DIALECT": dialect, "SETUP_TOKEN": TOKEN}
    command = ["cargo", "run", "--quiet", "--locked", "--", "--in-memory", "--port", "0", *options]
    log = (ROOT / "target/service.log").open("w")
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | variables, stdout=subprocess.PIPE, stderr=log, text=True,
        start_new_session=True,
    )
    try:
        yield told(process)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


def told(process: subprocess.Popen) -> Service:
    """What the service prints at its start, once."""
    words: dict[str, str] = {}
    for line in process.stdout:
        match line.split():
            case ["listening", "on", url]:
                words["url"] = url
            case ["e-mail" | "password" | "session" as name, value]:
                words[name] = value
            case ["curl", *_]:
                return Service(words["url"], words["e-mail"], words["password"], words["session"])
            case ["The", "instance", "is", "not", "set", "up.", *_]:
                return Service(words["url"], "", "", "")
    raise RuntimeError("the service did not start; target/service.log tells why")
