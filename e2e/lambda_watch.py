"""Tests every route with `cargo lambda watch` and `cargo run -- --db-only`.

`scripts/test-lambda-watch` runs it.
"""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import api

ROOT = Path(__file__).parent.parent
TOKEN = "a setup token for a test"
LOOPBACK = "127.0.0.1"
# The database endpoint of functions, from Cargo.toml.
DATABASE = "http://127.0.0.1:8000"
# Statuses of events without a session, other than 200.
STATUSES = {
    "confirm-email": 400,
    "forgot-password": 204,
    "login": 401,
    "logout": 404,
    "reset-password": 400,
    "revert-email": 400,
    "setup": 400,
}


def main() -> None:
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--bins"], cwd=ROOT, check=True)
    with database(), watch() as port:
        api.run(api.Api(f"{LOOPBACK}:{port}", LOOPBACK), TOKEN)
        print("lambda-watch: every route works", flush=True)
        invoke_all(port)


@contextmanager
def program(*command: str, **rest):
    """Runs a program in a process group of its own, and ends the group afterwards."""
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, **rest)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@contextmanager
def database():
    """Runs the embedded DynamoDB engine."""
    options = ["--db-only", "--in-memory", "--no-admin"]
    with program("cargo", "run", "--quiet", "--locked", "--", *options, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == f"listening on {DATABASE}\n", "the database did not start"
        yield


@contextmanager
def watch():
    """Runs `cargo lambda watch` on a free port."""
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    variables = ["--env-var", f"SETUP_TOKEN={TOKEN}"]
    options = ["--invoke-address", LOOPBACK, "--invoke-port", str(port), "--disable-cors", "--ignore-changes"]
    with (ROOT / "target/watch.log").open("w") as log:
        with program("cargo", "lambda", "watch", *options, *variables, stdout=log, stderr=log) as process:
            await_start(process, port)
            yield port


def await_start(process: subprocess.Popen, port: int) -> None:
    for _ in range(300):
        assert process.poll() is None, "cargo lambda watch did not start"
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("cargo lambda watch does not listen")


def invoke_all(port: int) -> None:
    """Invokes each function with its event. Events with a placeholder for a session must return 401."""
    events = sorted((ROOT / "events").glob("*.json"))
    for event in events:
        command = ["cargo", "lambda", "invoke", "--invoke-address", LOOPBACK, "--invoke-port", str(port), event.stem]
        done = subprocess.run(
            [*command, "--data-file", event], cwd=ROOT, capture_output=True, text=True, check=True
        )
        response = json.loads(done.stdout)
        has_session = "SESSION" in event.read_text()
        expected = STATUSES.get(event.stem, 401 if has_session else 200)
        assert response["statusCode"] == expected, f"{event.stem}: {response}"
    print(f"lambda-watch: invoked {len(events)} events", flush=True)


if __name__ == "__main__":
    main()
