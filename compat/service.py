"""The local service as Metabase would answer, and a caller of it that is none of the clients."""

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
    """Where the service is, and the session of its administrator."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session: str | None = None

    @property
    def by_name(self) -> str:
        """The same place for clients that take HTTP from no other host than `localhost`."""
        return self.url.replace("127.0.0.1", "localhost")

    def send(self, method: str, path: str, body: object = None, session: str | None = None) -> tuple[int, object]:
        """Sends a request and returns the status and the body."""
        headers = {"X-Metabase-Session": session or self.session or ""}
        text = None
        if body is not None:
            text, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(self.url + path, text, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, read(answer)
        except HTTPError as refusal:
            return refusal.code, read(refusal)

    def expect(self, status: int, method: str, path: str, body: object = None) -> object:
        """Sends a request that must be answered with a status, and returns the body."""
        told, answer = self.send(method, path, body)
        assert told == status, f"{method} {path}: {told} {answer}, not {status}"
        return answer

    def setup_token(self) -> str:
        return self.expect(200, "GET", "/api/session/properties")["setup-token"]

    def set_up(self) -> None:
        """Makes the first administrator."""
        body = {"token": self.setup_token(), "user": ADMIN, "prefs": {"site_name": "Example"}}
        self.session = self.expect(200, "POST", "/api/setup", body)["id"]

    def log_in(self, who: dict) -> str:
        body = {"username": who["email"], "password": who["password"]}
        return self.expect(200, "POST", "/api/session", body)["id"]

    def api_key(self, name: str, group: int) -> dict:
        """Makes an API key; its clear text is under `unmasked_key`."""
        return self.expect(200, "POST", "/api/api-key", {"name": name, "group_id": group})


def read(answer) -> object:
    """The body: JSON, the bare text of a refusal, or nothing."""
    data = answer.read().decode()
    kind = answer.headers.get("Content-Type", "")
    return json.loads(data) if kind.startswith("application/json") else data or None


@contextmanager
def service():
    """A service that nobody has set up and that keeps nothing. It ends with the test."""
    command = ["cargo", "run", "--quiet", "--locked", "--", "--in-memory", "--port", "0", "--no-admin"]
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
