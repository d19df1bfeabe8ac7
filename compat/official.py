"""@metabase/cli, the command line of Metabase, with an API key."""

import json
import tempfile
from pathlib import Path

from client import NODE, Client, Program
from service import ADMIN, ADMINISTRATORS, ALL_USERS, Service


def run(client: Client, service: Service) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The tests must not use the keyring of the user running them.
        variables = {"MB_URL": service.url, "MB_CLI_DISABLE_KEYRING": "1"}
        program = Program(NODE / "node_modules/.bin/mb", Path(folder), variables)
        set_up(client, service, program)
        key = service.api_key("command line", ADMINISTRATORS)
        log_in(client, program, key["unmasked_key"])
        log_in_as_member(client, service, program)
        look(client, service, program, key["id"])
        fail(client, program)
        log_out(client, program)


def set_up(client: Client, service: Service, program: Program) -> None:
    with client.operation("mb setup"):
        prefs = {"site_name": "Example", "site_locale": "de"}
        body = {"token": "a guess", "user": ADMIN, "prefs": prefs}
        # The program requires a key, although none exists yet.
        command = ["setup", "--api-key", "none", "--body"]
        error = program.fail(*command, json.dumps(body))
        assert "Token does not match the setup token." in error, error
        body["token"] = service.setup_token()
        done = json.loads(program.succeed(*command, json.dumps(body)))
        service.session = done["id"]
        assert service.expect(200, "GET", "/api/user/current")["email"] == ADMIN["email"]
        assert service.expect(200, "GET", "/api/session/properties")["site-name"] == "Example"


def log_in(client: Client, program: Program, key: str) -> None:
    with client.operation("mb auth login"):
        program.variables["MB_API_KEY"] = key
        done = json.loads(program.succeed("auth", "login"))
        assert done["authenticated"] is True, done
        assert done["user"] | {"id": 0} == {"id": 0, "name": "command line", "isAdmin": True}, done
        assert done["version"]["major"] >= 58, done


def log_in_as_member(client: Client, service: Service, program: Program) -> None:
    with client.operation("mb auth login, without administrator rights"):
        program.variables["MB_API_KEY"] = service.api_key("member", ALL_USERS)["unmasked_key"]
        done = json.loads(program.succeed("auth", "login", "--profile", "member"))
        assert done["user"]["isAdmin"] is False, done
    del program.variables["MB_API_KEY"]


def look(client: Client, service: Service, program: Program, key: int) -> None:
    with client.operation("mb auth status"):
        status = json.loads(program.succeed("auth", "status"))
        assert (status["present"], status["user"]["name"]) == (True, "command line"), status
    with client.operation("mb auth list"):
        states = {each["profile"]: each["status"] for each in profiles(program)}
        assert states == {"default": "ok", "member": "ok"}, states
    with client.operation("mb auth list, with a deleted key"):
        service.expect(204, "DELETE", f"/api/api-key/{key}")
        states = {each["profile"]: each["status"] for each in profiles(program)}
        assert states == {"default": "auth-failed", "member": "ok"}, states


def profiles(program: Program) -> list[dict]:
    return json.loads(program.succeed("auth", "list"))["data"]


def fail(client: Client, program: Program) -> None:
    with client.operation("mb auth login, with a wrong key"):
        error = program.fail("auth", "login", "--profile", "wrong", "--api-key", "mb_wrong")
        assert "verification failed (current user" in error, error
    with client.operation("mb db list, not implemented"):
        error = program.fail("db", "list", "--profile", "member")
        assert "This endpoint is not available on Metabase v0.58.0: GET /api/database" in error, error


def log_out(client: Client, program: Program) -> None:
    with client.operation("mb auth logout"):
        done = json.loads(program.succeed("auth", "logout", "--yes"))
        assert done["cleared"] is True, done
        assert [each["profile"] for each in profiles(program)] == ["member"]
