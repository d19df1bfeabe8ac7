"""metabase-cli, an independent command line and library, with a session and with an API key."""

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
    """The session stored by the program."""
    config = json.loads((program.home / ".metabase-cli/config.json").read_text())
    return config["profiles"]["ada"]["auth"].get("sessionToken")


def log_in(client: Client, service: Service, program: Program) -> None:
    add = ["profile", "add"]
    with client.operation("profile add --email --password"):
        options = ["--domain", service.url, "--email", ADMIN["email"], "--password"]
        output = program.succeed(*add, "ada", *options, ADMIN["password"])
        assert f"Logged in to {service.url} as {ADMIN['email']}." in output and "User: Ada Admin (ID: 1)" in output, output
        wrong = program.run(*add, "wrong", *options, "a guess").stderr
        assert "login failed — 401 Unauthorized: password: did not match stored password" in wrong, wrong
    with client.operation("login"):
        before = session(program)
        assert "User: Ada Admin (ID: 1)" in program.succeed("login")
        assert session(program) != before


def look(client: Client, program: Program) -> None:
    with client.operation("whoami"):
        output = program.succeed("whoami")
        assert f"Email:      {ADMIN['email']}" in output and "Superuser:  true" in output, output
    with client.operation("whoami --refresh"):
        me = json.loads(program.succeed("whoami", "--refresh"))
        assert (me["common_name"], me["group_ids"]) == ("Ada Admin", [ALL_USERS, ADMINISTRATORS]), me


def log_in_again(client: Client, service: Service, program: Program) -> None:
    with client.operation("whoami --refresh, after the session ended"):
        ended = session(program)
        assert service.send("DELETE", "/api/session", session=ended) == (204, None)
        assert json.loads(program.succeed("whoami", "--refresh"))["email"] == ADMIN["email"]
        assert session(program) != ended


def check(client: Client, program: Program) -> None:
    """Two checks pass. Six use routes outside of a user service."""
    with client.operation("doctor"):
        output = program.fail("doctor")
        assert "✓ Connected to Metabase v0.58.0\n" in output, output
        assert "✓ Authenticated as Ada Admin (ada@example.com)\n  Admin: yes" in output, output
        assert "Database list failed: 404 Not Found: API endpoint does not exist." in output, output
        assert "Results: 2 passed, 4 failed, 2 warnings" in output, output


def log_out(client: Client, service: Service, program: Program) -> None:
    with client.operation("logout"):
        ended = session(program)
        assert program.succeed("logout") == "Logged out.\n"
        assert session(program) is None
        assert service.send("GET", "/api/user/current", session=ended) == (401, "Unauthenticated")


def use_keys(client: Client, service: Service, program: Program) -> None:
    key = service.api_key("robot", ALL_USERS)["unmasked_key"]
    with client.operation("profile add --api-key"):
        program.succeed("profile", "add", "robot", "--domain", service.url, "--api-key", key)
        me = json.loads(program.succeed("--profile", "robot", "whoami", "--refresh"))
        assert (me["common_name"], me["is_superuser"]) == ("robot", False), me
    with client.operation("METABASE_CLI_AUTH_KEY"):
        program.variables |= {"METABASE_CLI_AUTH_KEY": key, "METABASE_CLI_DOMAIN": service.url}
        assert json.loads(program.succeed("whoami"))["common_name"] == "robot"
        program.variables["METABASE_CLI_AUTH_KEY"] = "mb_wrong"
        error = program.fail("whoami")
        assert error == "Error: 401 Unauthorized: Unauthenticated\n", error
    program.variables.clear()


def use_library(client: Client, service: Service, program: Program) -> None:
    node = Program(Path("node"), program.home, {"URL": service.url, "CREDENTIALS": json.dumps(ADMIN)})
    script = (Path(__file__).parent / "library.mjs").read_text()
    # Node resolves the packages of a script on standard input from the working directory.
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
    result = json.loads(process.stdout)
    with client.operation("MetabaseClient.login, .logout"):
        assert result["login"] == 1, result
        assert service.send("GET", "/api/user/current", session=result["session"]) == (401, "Unauthenticated")
    with client.operation("UserApi.list"):
        assert [user["email"] for user in result["list"]["data"]] == [ADMIN["email"], JANE["email"]], result
        assert result["page"] == {"ids": [2], "total": 2, "limit": 1, "offset": 1}, result
    with client.operation("UserApi.get"):
        assert result["get"] == JANE["email"] and result["missing"] == "404 Not Found: Not found.", result
    with client.operation("UserApi.current, SessionApi.getCurrentUser"):
        assert result["current"] == [1, 1], result
    with client.operation("SessionApi.getSessionProperties"):
        assert result["properties"] == ["Example", True], result
