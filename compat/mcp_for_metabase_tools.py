"""mcp-for-metabase, tools for language models, with a session or an API key."""

import tempfile
from pathlib import Path

from client import PYTHON, Client, Program
from jsonrpc import Tools, serve
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    key = service.api_key("tools", ADMINISTRATORS)["unmasked_key"]
    url = {"METABASE_URL": service.url, "METABASE_MCP_WRITE_MODE": "all-writes"}
    by_key = url | {"METABASE_API_KEY": key}
    by_password = url | {"METABASE_USERNAME": ADMIN["email"], "METABASE_PASSWORD": ADMIN["password"]}
    with tempfile.TemporaryDirectory() as folder:
        program = Program(PYTHON / "mcp-for-metabase", Path(folder), by_key)
        with serve(program, dict, "serve") as server:
            manage_users(client, server)
            find_groups(client, server)
            manage_keys(client, server)
            request(client, server)
        with serve(Program(program.path, program.home, by_password), dict, "serve") as server:
            use_session(client, server)


def data(server: Tools, tool: str, **arguments):
    """Calls a tool and returns the body of the response."""
    return server.succeed(f"metabase_{tool}", **arguments)["data"]


def manage_users(client: Client, server: Tools) -> None:
    with client.operation("metabase_create_user"):
        groups = {"user_group_memberships": [{"id": ALL_USERS}]}
        jane = data(server, "create_user", **JANE, **groups, confirm=True)
        assert (jane["email"], jane["is_active"]) == (JANE["email"], True), jane
        assert "400" in server.fail("metabase_create_user", **JANE, confirm=True)
    with client.operation("metabase_list_users"):
        assert [user["id"] for user in data(server, "list_users")["data"]] == [1, jane["id"]]
    with client.operation("metabase_get_user"):
        assert data(server, "get_user", user_id=jane["id"])["common_name"] == "Jane Smith"
        assert "404" in server.fail("metabase_get_user", user_id=4711)
    with client.operation("metabase_update_user"):
        updates = {"first_name": "Joan", "user_group_memberships": [{"id": ALL_USERS}, {"id": ADMINISTRATORS}]}
        joan = data(server, "update_user", user_id=jane["id"], updates=updates, confirm=True)
        assert (joan["first_name"], joan["is_superuser"]) == ("Joan", True), joan


def find_groups(client: Client, server: Tools) -> None:
    with client.operation("metabase_list_permission_groups"):
        groups = data(server, "list_permission_groups")
        assert [group["name"] for group in groups] == ["Administrators", "All Users"], groups
    with client.operation("metabase_get_permission_group"):
        assert data(server, "get_permission_group", group_id=ALL_USERS)["name"] == "All Users"


def manage_keys(client: Client, server: Tools) -> None:
    with client.operation("metabase_create_api_key"):
        key = data(server, "create_api_key", name="nightly", group_id=ALL_USERS, confirm=True)
        assert key["name"] == "nightly", key
    with client.operation("metabase_list_api_keys"):
        assert {each["name"] for each in data(server, "list_api_keys")} == {"nightly", "tools"}
    with client.operation("metabase_update_api_key"):
        changed = {"name": "daily", "group_id": ALL_USERS}
        renamed = data(server, "update_api_key", api_key_id=key["id"], updates=changed, confirm=True)
        assert renamed["name"] == "daily", renamed
    with client.operation("metabase_delete_api_key"):
        deleted = server.succeed("metabase_delete_api_key", api_key_id=key["id"], confirm=True)
        assert deleted["status_code"] == 204, deleted


def request(client: Client, server: Tools) -> None:
    with client.operation("metabase_api_request"):
        people = data(server, "api_request", operation_id="get_api_user_recipients")
        assert people["total"] == 2, people
        current = data(server, "api_request", operation_id="get_api_user_current")
        assert current["common_name"] == "tools", current


def use_session(client: Client, server: Tools) -> None:
    with client.operation("metabase_list_users, with a password"):
        assert data(server, "list_users")["total"] == 2
