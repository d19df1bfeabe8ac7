"""Throughput and latency of the local service, FastAPI Users and Better Auth, interleaved.

All three run on this machine, store their data in SQLite on disk, have the same number of users and
hash with the same parameters. Each request looks up its session in the database. wrk sends requests
as fast as its connections allow.
"""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from build import TOOLS, install_fastapi_users, install_better_auth, local, wrk

HERE = Path(__file__).parent
PASSWORD = "unc0mmon pw"
ADMIN = "admin@example.com"
USERS = 1000
LOGINS = 16
OPERATIONS = ("current", "get", "list", "create", "login")
CONNECTIONS = (1, 8, 64)


@dataclass
class Operation:
    """The request of an operation. wrk sends its bodies in turn."""

    method: str
    path: str
    headers: dict[str, str]
    bodies: list[str]


@dataclass
class Service:
    """A running service and its operations."""

    name: str
    address: str
    operations: dict[str, Operation]


def call(method: str, url: str, body: dict | None = None, headers: dict | None = None, form: str | None = None):
    data = form.encode() if form else json.dumps(body).encode() if body is not None else None
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    request = urllib.request.Request(url, data, {"content-type": kind, **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read() or "null"), response.headers
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {url}: {error.code} {error.read()[:300]!r}") from error


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def program(*command, **rest):
    process = subprocess.Popen([str(part) for part in command], start_new_session=True, **rest)
    try:
        yield process
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def await_port(process: subprocess.Popen, port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} exited")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{process.args[0]} does not accept connections")


def user_fields(number: int) -> dict:
    return {"email": f"person{number}@example.com", "first_name": "Jane", "last_name": f"Doe{number}"}


@contextmanager
def ours(directory: Path):
    options = ["--port", "0", "--data", directory / "ours"]
    with program(
        local(), *options, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        printed = {}
        for line in process.stdout:
            word, _, rest = line.strip().partition(" ")
            printed[word] = rest.strip()
            if word == "session":
                break
        url = printed["listening"].removeprefix("on ")
        session = {"X-Metabase-Session": printed["session"]}
        for number in range(USERS - 1):
            secret = {"password": PASSWORD} if number < LOGINS else {"sso_source": "saml"}
            user, _ = call("POST", f"{url}/api/user", user_fields(number) | secret, session)
        login = [json.dumps({"username": user_fields(n)["email"], "password": PASSWORD}) for n in range(LOGINS)]
        new = {"email": "new%d@example.com", "first_name": "Jane", "last_name": "New", "password": PASSWORD}
        kind = {"Content-Type": "application/json"}
        yield Service("ours", url, {
            "current": Operation("GET", "/api/user/current", session, []),
            "get": Operation("GET", f"/api/user/{user['id']}", session, []),
            "list": Operation("GET", "/api/user?limit=50&offset=0", session, []),
            "create": Operation("POST", "/api/user", session | kind, [json.dumps(new)]),
            "login": Operation("POST", "/api/session", kind, login),
        })


@contextmanager
def fastapi_users(directory: Path):
    python = install_fastapi_users()
    port, database = free_port(), directory / "fastapi-users.db"
    url = f"http://127.0.0.1:{port}"
    command = [python, "-m", "uvicorn", "app:app", "--app-dir", HERE / "peers/fastapi-users", "--port", port]
    command += ["--workers", os.cpu_count(), "--no-access-log", "--log-level", "warning"]
    environment = os.environ | {"PEER_DATABASE": str(database)}
    make_tables = "import asyncio, app; asyncio.run(app.make_tables())"
    subprocess.run([python, "-c", make_tables], cwd=HERE / "peers/fastapi-users", env=environment, check=True)
    with program(*command, env=environment, stdout=subprocess.DEVNULL) as process:
        await_port(process, port)
        for number in range(LOGINS):
            user, _ = call("POST", f"{url}/auth/register", user_fields(number) | {"password": PASSWORD})
        admin = {"email": ADMIN, "first_name": "Ada", "last_name": "Admin", "password": PASSWORD}
        call("POST", f"{url}/auth/register", admin)
        with sqlite3.connect(database) as db:
            db.execute("UPDATE user SET is_superuser = 1 WHERE email = ?", [ADMIN])
            columns = [name for _, name, *_ in db.execute("PRAGMA table_info(user)")]
            copied = ", ".join({"id": "?", "email": "?", "last_name": "?"}.get(name, name) for name in columns)
            order = [name for name in columns if name in ("id", "email", "last_name")]
            for number in range(LOGINS, USERS - 1):
                values = {"id": f"{number:032x}", "email": user_fields(number)["email"], "last_name": f"Doe{number}"}
                row = [values[name] for name in order]
                db.execute(
                    f"INSERT INTO user ({', '.join(columns)}) SELECT {copied} FROM user WHERE email = ?",
                    [*row, user_fields(0)["email"]],
                )
        form = f"username={ADMIN}&password={PASSWORD.replace(' ', '+')}"
        token, _ = call("POST", f"{url}/auth/login", form=form)
        session = {"Authorization": f"Bearer {token['access_token']}"}
        new = {"email": "new%d@example.com", "first_name": "Jane", "last_name": "New", "password": PASSWORD}
        logins = [f"username={user_fields(n)['email']}&password={PASSWORD.replace(' ', '+')}" for n in range(LOGINS)]
        kind, formed = "application/json", "application/x-www-form-urlencoded"
        yield Service("fastapi-users", url, {
            "current": Operation("GET", "/users/me", session, []),
            "get": Operation("GET", f"/users/{user['id']}", session, []),
            "list": Operation("GET", "/users?limit=50&offset=0", session, []),
            "create": Operation("POST", "/auth/register", {"Content-Type": kind}, [json.dumps(new)]),
            "login": Operation("POST", "/auth/login", {"Content-Type": formed}, logins),
        })


@contextmanager
def better_auth(directory: Path):
    home = install_better_auth()
    shutil.copy(HERE / "peers/better-auth/server.mjs", home)
    port, database = free_port(), directory / "better-auth.db"
    url = f"http://127.0.0.1:{port}/api/auth"
    environment = os.environ | {"PEER_DATABASE": str(database), "PEER_PORT": str(port), "NODE_ENV": "production"}
    origin = {"Origin": f"http://127.0.0.1:{port}"}
    with program("node", "server.mjs", cwd=home, env=environment, stdout=subprocess.DEVNULL) as process:
        await_port(process, port)
        for number in range(LOGINS):
            signed_up, _ = call(
                "POST",
                f"{url}/sign-up/email",
                {"email": user_fields(number)["email"], "name": f"Jane Doe{number}", "password": PASSWORD},
                origin,
            )
        admin = {"email": ADMIN, "name": "Ada Admin", "password": PASSWORD}
        call("POST", f"{url}/sign-up/email", admin, origin)
        with sqlite3.connect(database) as db:
            db.execute("UPDATE user SET role = 'admin' WHERE email = ?", [ADMIN])
            columns = [name for _, name, *_ in db.execute("PRAGMA table_info(user)")]
            copied = ", ".join("?" if name in ("id", "email", "name") else f'"{name}"' for name in columns)
            order = [name for name in columns if name in ("id", "email", "name")]
            names = ", ".join(f'"{name}"' for name in columns)
            for number in range(LOGINS, USERS - 1):
                values = {"id": f"id{number}", "email": user_fields(number)["email"], "name": f"Jane Doe{number}"}
                db.execute(
                    f"INSERT INTO user ({names}) SELECT {copied} FROM user WHERE email = ?",
                    [*(values[name] for name in order), user_fields(0)["email"]],
                )
        _, headers = call("POST", f"{url}/sign-in/email", {"email": ADMIN, "password": PASSWORD}, origin)
        session = origin | {"Cookie": headers["set-cookie"].split(";")[0]}
        new = {"email": "new%d@example.com", "name": "Jane New", "password": PASSWORD}
        logins = [json.dumps({"email": user_fields(n)["email"], "password": PASSWORD}) for n in range(LOGINS)]
        kind = {"Content-Type": "application/json"}
        api = "/api/auth"
        yield Service("better-auth", f"http://127.0.0.1:{port}", {
            "current": Operation("GET", f"{api}/get-session", session, []),
            "get": Operation("GET", f"{api}/admin/get-user?id={signed_up['user']['id']}", session, []),
            "list": Operation("GET", f"{api}/admin/list-users?limit=50&offset=0&sortBy=name", session, []),
            "create": Operation("POST", f"{api}/admin/create-user", session | kind, [json.dumps(new)]),
            "login": Operation("POST", f"{api}/sign-in/email", origin | kind, logins),
        })


def send(service: Service, operation: Operation, connections: int, seconds: float, first: int, directory: Path) -> dict:
    """Sends an operation with wrk for some seconds and returns its measurements."""
    program_, environment = wrk()
    environment = environment | {
        "METHOD": operation.method,
        "HEADERS": "\n".join(f"{name}: {value}" for name, value in operation.headers.items()),
        "FIRST": str(first),
    }
    if operation.bodies:
        bodies = directory / "bodies"
        bodies.write_text("\n".join(operation.bodies) + "\n")
        environment["BODIES"] = str(bodies)
    command = [program_, "--threads", "1", "--connections", str(connections), "--duration", f"{seconds:g}s"]
    command += ["--timeout", "30s", "--script", HERE / "load.lua", service.address + operation.path]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    if found["http_errors"] or found["socket_errors"] or not found["requests"]:
        raise RuntimeError(f"{service.name} {operation.path} at {connections} connections: {found}")
    return found | {"per_second": found["requests"] / found["seconds"]}


def measure(rounds: int, seconds: float) -> list[dict]:
    """Measures each operation of each service in turn, once per round."""
    found = []
    directory = TOOLS / "load"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with ExitStack() as stack:
        services = [stack.enter_context(start(directory)) for start in (ours, fastapi_users, better_auth)]
        for service in services:
            for operation in service.operations.values():
                send(service, operation, 4, 1, 10**9, directory)
        first = 0
        for turn in range(rounds):
            for connections in CONNECTIONS:
                for name in OPERATIONS:
                    for service in services[turn % 3 :] + services[: turn % 3]:
                        first += 1_000_000
                        sent = send(service, service.operations[name], connections, seconds, first, directory)
                        row = {"service": service.name, "operation": name, "connections": connections}
                        found.append(row | {key: sent[key] for key in ("per_second", "p50_ms", "p99_ms")})
    return found
