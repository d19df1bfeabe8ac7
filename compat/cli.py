"""metabase-cli: a command line and a library that is not Metabase's own, with a session or an API key."""

import json
import subprocess
import tempfile
from pathlib import Path

from client import NODE, Client, Program
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    service.expect(200, "POST", "/api/user", JANE)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(NODE / "node_modules/.bin/metabase-cli", Path(folder))
        log_in(client, service, program)
        look(client, program)
        log_in_again(client, service, program)
        check(client, program)
        log_out(client, service, program)
        use_keys(client, service, program)
        use_library(client, service, program)


def session(program: Program) -> str | None:
    """The session that the program keeps."""
    kept = json.loads((program.home / ".metabase-cli/config.json").read_text())
    return kept["profiles"]["ada"]["auth"].get("sessionToken")


def log_in(client: Client, service: Service, program: Program) -> None:
    add = ["profile", "add"]
    with client.operation("profile add --email --password"):
        who = ["--domain", service.url, "--email", ADMIN["email"], "--password"]
        said = program.done(*add, "ada", *who, ADMIN["password"])
        assert f"Logged in to {service.url} as {ADMIN['email']}." in said and "User: Ada Admin (ID: 1)" in said, said
        wrong = program.run(*add, "wrong", *who, "a guess").stderr
        assert "login failed — 401 Unauthorized: password: did not match stored password" in wrong, wrong
    with client.operation("login"):
        before = session(program)
        assert "User: Ada Admin (ID: 1)" in program.done("login")
        assert session(program) != before


def look(client: Client, program: Program) -> None:
    with client.operation("whoami"):
        said = program.done("whoami")
        assert f"Email:      {ADMIN['email']}" in said and "Superuser:  true" in said, said
    with client.operation("whoami --refresh"):
        me = json.loads(program.done("whoami", "--refresh"))
        assert (me["common_name"], me["group_ids"]) == ("Ada Admin", [ALL_USERS, ADMINISTRATORS]), me


def log_in_again(client: Client, service: Service, program: Program) -> None:
    with client.operation("whoami --refresh, after the session ended"):
        ended = session(program)
        assert service.send("DELETE", "/api/session", session=ended) == (204, None)
        assert json.loads(program.done("whoami", "--refresh"))["email"] == ADMIN["email"]
        assert session(program) != ended


def check(client: Client, program: Program) -> None:
    """Two of its checks are ours, six ask for what is no part of a user service."""
    with client.operation("doctor"):
        said = program.refused("doctor")
        assert "✓ Connected to Metabase v0.58.0\n" in said, said
        assert "✓ Authenticated as Ada Admin (ada@example.com)\n  Admin: yes" in said, said
        assert "Database list failed: 404 Not Found: API endpoint does not exist." in said, said
        assert "Results: 2 passed, 4 failed, 2 warnings" in said, said


def log_out(client: Client, service: Service, program: Program) -> None:
    with client.operation("logout"):
        ended = session(program)
        assert program.done("logout") == "Logged out.\n"
        assert session(program) is None
        assert service.send("GET", "/api/user/current", session=ended) == (401, "Unauthenticated")


def use_keys(client: Client, service: Service, program: Program) -> None:
    key = service.api_key("robot", ALL_USERS)["unmasked_key"]
    with client.operation("profile add --api-key"):
        program.done("profile", "add", "robot", "--domain", service.url, "--api-key", key)
        me = json.loads(program.done("--profile", "robot", "whoami", "--refresh"))
        assert (me["common_name"], me["is_superuser"]) == ("robot", False), me
    with client.operation("METABASE_CLI_AUTH_KEY"):
        program.variables |= {"METABASE_CLI_AUTH_KEY": key, "METABASE_CLI_DOMAIN": service.url}
        assert json.loads(program.done("whoami"))["common_name"] == "robot"
        program.variables["METABASE_CLI_AUTH_KEY"] = "mb_wrong"
        refused = program.refused("whoami")
        assert refused == "Error: 401 Unauthorized: Unauthenticated\n", refused
    program.variables.clear()


def use_library(client: Client, service: Service, program: Program) -> None:
    node = Program(Path("node"), program.home, {"URL": service.url, "WHO": json.dumps(ADMIN)})
    script = (Path(__file__).parent / "library.mjs").read_text()
    # A script that Node reads from its input finds packages from where it was started.
    process = subprocess.run(
        ["node", "--input-type=module"],
        cwd=NODE,
        env=node.environment(),
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout)
    with client.operation("MetabaseClient.login, .logout"):
        assert told["login"] == 1, told
        assert service.send("GET", "/api/user/current", session=told["session"]) == (401, "Unauthenticated")
    with client.operation("UserApi.list"):
        assert [user["email"] for user in told["list"]["data"]] == [ADMIN["email"], JANE["email"]], told
        assert told["page"] == {"ids": [2], "total": 2, "limit": 1, "offset": 1}, told
    with client.operation("UserApi.get"):
        assert told["get"] == JANE["email"] and told["missing"] == "404 Not Found: Not found.", told
    with client.operation("UserApi.current, SessionApi.getCurrentUser"):
        assert told["current"] == [1, 1], told
    with client.operation("SessionApi.getSessionProperties"):
        assert told["properties"] == ["Example", True], told
