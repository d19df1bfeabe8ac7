"""@easecloudio/mcp-metabase-server, tools for language models, with a session or an API key."""

import tempfile
from pathlib import Path

from client import NODE, Client, Program
from jsonrpc import Tools, serve
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    url = {"METABASE_URL": service.url}
    key = service.api_key("tools", ADMINISTRATORS)["unmasked_key"]
    with tempfile.TemporaryDirectory() as folder:
        path = NODE / "node_modules/.bin/mcp-metabase-server"
        by_key = Program(path, Path(folder), url | {"METABASE_API_KEY": key})
        with serve(by_key, dict, "--all") as server:
            manage(client, server)
        password = {"METABASE_USERNAME": ADMIN["email"], "METABASE_PASSWORD": ADMIN["password"]}
        with serve(Program(path, Path(folder), url | password), dict, "--all") as server:
            use_session(client, server)


def manage(client: Client, server: Tools) -> None:
    with client.operation("create_user"):
        jane = server.succeed("create_user", **JANE, group_ids=[ALL_USERS])
        assert (jane["common_name"], jane["is_active"]) == ("Jane Smith", True), jane
        assert "400" in server.fail("create_user", **JANE)
        invited = server.succeed("create_user", first_name="John", last_name="Doe", email="john@example.com")
        assert invited["is_active"] is True
    with client.operation("list_users"):
        emails = [user["email"] for user in server.succeed("list_users")["data"]]
        assert emails == [ADMIN["email"], JANE["email"], "john@example.com"], emails
        assert server.succeed("list_users", include_deactivated=True)["total"] == 3
    with client.operation("create_permission_group"):
        assert server.succeed("create_permission_group", name="Sales")["name"] == "Sales"
        assert "400" in server.fail("create_permission_group", name="SALES")
    with client.operation("list_permission_groups"):
        names = [group["name"] for group in server.succeed("list_permission_groups")]
        assert names == ["Administrators", "All Users", "Sales"], names


def use_session(client: Client, server: Tools) -> None:
    with client.operation("list_users, with a password"):
        assert server.succeed("list_users")["total"] == 3
