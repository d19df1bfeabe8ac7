"""The local service in the Metabase dialect, with a plain HTTP client for preparation and checks."""

import json
import os
import signal
import subprocess
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

ROOT = Path(__file__).parent.parent
ADMIN = {"email": "ada@example.com", "password": "unc0mmon pw", "first_name": "Ada", "last_name": "Admin"}
JANE = {"email": "jane@example.com", "password": "an0ther secret", "first_name": "Jane", "last_name": "Smith"}
ALL_USERS, ADMINISTRATORS = 1, 2


class Service:
    """A running service, with the session of its administrator."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session: str | None = None

    @property
    def by_name(self) -> str:
        """The URL for clients that allow HTTP for `localhost` only."""
        return self.url.replace("127.0.0.1", "localhost")

    def send(self, method: str, path: str, body: object = None, session: str | None = None) -> tuple[int, object]:
        """Sends a request and returns the status and the body."""
        headers = {"X-Metabase-Session": session or self.session or ""}
        text = None
        if body is not None:
            text, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, text, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, read(response)
        except HTTPError as error:
            return error.code, read(error)

    def expect(self, status: int, method: str, path: str, body: object = None) -> object:
        """Sends a request, requires the status, and returns the body."""
        actual, response = self.send(method, path, body)
        assert actual == status, f"{method} {path}: {actual} {response}, expected {status}"
        return response

    def setup_token(self) -> str:
        return self.expect(200, "GET", "/api/session/properties")["setup-token"]

    def set_up(self) -> None:
        """Creates the first administrator."""
        body = {"token": self.setup_token(), "user": ADMIN, "prefs": {"site_name": "Example"}}
        self.session = self.expect(200, "POST", "/api/setup", body)["id"]

    def log_in(self, user: dict) -> str:
        body = {"username": user["email"], "password": user["password"]}
        # A login ends the session that it comes with.
        status, response = self.send("POST", "/api/session", body, session="no session")
        assert status == 200, f"POST /api/session: {status} {response}, expected 200"
        return response["id"]

    def api_key(self, name: str, group: int) -> dict:
        """Creates an API key. `unmasked_key` of the result contains the secret."""
        return self.expect(200, "POST", "/api/api-key", {"name": name, "group_id": group})


def read(response) -> object:
    """The body of a response: JSON, plain text, or `None`."""
    data = response.read().decode()
    content_type = response.headers.get("Content-Type", "")
    return json.loads(data) if content_type.startswith("application/json") else data or None


@contextmanager
def service(*options: str):
    """Runs a service without setup, with an in-memory table."""
    command = ["cargo", "run", "--quiet", "--locked", "--", "--in-memory", "--port", "0", "--no-admin", *options]
    with (ROOT / "target/compat.log").open("a") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"API_DIALECT": "metabase"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        try:
            first = process.stdout.readline()
            assert first.startswith("listening on "), f"the service did not start: {first}"
            yield Service(first.removeprefix("listening on ").strip())
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
