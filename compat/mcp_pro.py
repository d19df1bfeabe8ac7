"""metabase-mcp-pro, tools for language models, with an API key."""

import tempfile
from pathlib import Path

from client import PYTHON, Client, Program
from jsonrpc import Tools, serve
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    key = service.api_key("tools", ADMINISTRATORS)["unmasked_key"]
    variables = {"METABASE_URL": service.url, "METABASE_API_KEY": key}
    with tempfile.TemporaryDirectory() as folder:
        program = Program(PYTHON / "metabase-mcp-pro", Path(folder), variables)
        with serve(program) as server:
            jane = manage_users(client, server)
            manage_groups(client, service, server, jane)
            pass_through(client, server)
        with serve(program.with_variables(METABASE_API_KEY="none")) as server:
            refuse(client, server)


def manage_users(client: Client, server: Tools) -> int:
    with client.operation("create_user"):
        new = {"first_name": JANE["first_name"], "last_name": JANE["last_name"], "email": JANE["email"]}
        jane = server.succeed("create_user", **new, group_ids=[ALL_USERS])
        assert (jane["common_name"], jane["is_active"]) == ("Jane Smith", True), jane
        taken = server.fail("create_user", **new)
        assert "Metabase 400" in taken and "Email address already in use." in taken, taken
    with client.operation("list_users"):
        page = server.succeed("list_users")
        assert [user["email"] for user in page["data"]] == [ADMIN["email"], JANE["email"]]
    with client.operation("update_user"):
        changed = server.succeed("update_user", id=jane["id"], patch={"first_name": "Joan", "is_superuser": True})
        assert (changed["first_name"], changed["is_superuser"]) == ("Joan", True), changed
        server.succeed("update_user", id=jane["id"], patch={"is_superuser": False})
    with client.operation("deactivate_user"):
        assert "confirm=true" in server.fail("deactivate_user", id=jane["id"])
        assert server.succeed("deactivate_user", id=jane["id"], confirm=True) == {"success": True}
    with client.operation("reactivate_user"):
        assert server.succeed("reactivate_user", id=jane["id"])["is_active"] is True
    return jane["id"]


def manage_groups(client: Client, service: Service, server: Tools, jane: int) -> None:
    def members() -> list[dict]:
        return service.expect(200, "GET", f"/api/permissions/group/{group}")["members"]

    with client.operation("create_group"):
        group = server.succeed("create_group", name="Sales")["id"]
        assert "A group with that name already exists." in server.fail("create_group", name="sales")
    with client.operation("add_group_member"):
        assert server.succeed("add_group_member", group_id=group, user_id=jane)["user_id"] == jane
        assert [member["user_id"] for member in members()] == [jane]
    with client.operation("remove_group_member"):
        membership = members()[0]["membership_id"]
        assert server.succeed("remove_group_member", membership_id=membership) is None
        assert members() == []


def pass_through(client: Client, server: Tools) -> None:
    with client.operation("metabase_api_request"):
        me = server.succeed("metabase_api_request", method="GET", path="/api/user/current")
        assert me["is_superuser"] is True
        page = server.succeed("metabase_api_request", method="GET", path="/api/user", params={"query": "smith"})
        assert page["total"] == 1, page
        missing = server.fail("metabase_api_request", method="GET", path="/api/user/4711")
        assert "Metabase 404: Not found." in missing, missing


def refuse(client: Client, server: Tools) -> None:
    with client.operation("list_users, with a wrong key"):
        assert "Metabase 401: Unauthenticated" in server.fail("list_users")
