"""@takeokunn/metabase-mcp, tools for language models, with an API key."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

from client import NODE, Client, Program
from jsonrpc import Tools, serve
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service

# The client parses every response as JSON. Some responses of Metabase are 204 without a body.
NO_BODY = "Error: Unexpected end of JSON input"


@contextmanager
def tools(service: Service, key: str, folder: Path):
    """Runs the server with an API key."""
    variables = {"METABASE_URL": service.by_name, "METABASE_API_TOKEN": key}
    program = Program(NODE / "node_modules/.bin/metabase-mcp", folder, variables)
    with serve(program, lambda arguments: {"input": arguments}) as server:
        yield server


def run(client: Client, service: Service) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with tools(service, "none", Path(folder)) as server:
            set_up(client, service, server)
        key = service.api_key("tools", ADMINISTRATORS)["unmasked_key"]
        with tools(service, key, Path(folder)) as server:
            jane = create(client, server)
            find(client, server, jane)
            change(client, service, server, jane)
            set_password(client, service, server, jane)
            deactivate(client, server, jane)
            group = manage_groups(client, server)
            manage_memberships(client, server, group, jane)
            remove_group(client, service, server, group, jane)
            manage_keys(client, service, server)


def set_up(client: Client, service: Service, server: Tools) -> None:
    with client.operation("create_setup"):
        prefs = {"site_name": "Example"}
        error = server.fail("create_setup", token="a guess", user=ADMIN, prefs=prefs)
        assert "Metabase API error (400)" in error, error
        done = server.succeed("create_setup", token=service.setup_token(), user=ADMIN, prefs=prefs)
        service.session = done["id"]
        again = server.fail("create_setup", token="a guess", user=ADMIN, prefs=prefs)
        assert "Metabase API error (4" in again, again
        assert server.fail("get_current_user") == "Error: Metabase API error (401): Unauthenticated"


def create(client: Client, server: Tools) -> int:
    with client.operation("create_user"):
        jane = server.succeed("create_user", **JANE, group_ids=[ALL_USERS], login_attributes={"floor": "3"})
        assert (jane["common_name"], jane["login_attributes"]) == ("Jane Smith", {"floor": "3"})
        taken = server.fail("create_user", **JANE)
        assert "Metabase API error (400)" in taken and "Email address already in use." in taken, taken
        invited = server.succeed("create_user", first_name="John", last_name="Doe", email="john@example.com")
        assert invited["is_active"] is True
    return jane["id"]


def find(client: Client, server: Tools, jane: int) -> None:
    with client.operation("list_users"):
        page = server.succeed("list_users")
        assert [user["email"] for user in page["data"]] == [ADMIN["email"], JANE["email"], "john@example.com"]
        assert (page["total"], page["limit"], page["offset"]) == (3, 100, 0)
        assert server.succeed("list_users", limit=1, offset=1)["data"][0]["id"] == jane
        assert server.succeed("list_users", query="smi", status="active")["total"] == 1
        assert server.succeed("list_users", group_id=ADMINISTRATORS)["total"] == 1
    with client.operation("get_user"):
        assert server.succeed("get_user", id=jane)["user_group_memberships"] == [{"id": ALL_USERS}]
        assert server.fail("get_user", id=4711) == "Error: Metabase API error (404): Not found."
    with client.operation("get_user_recipients"):
        assert server.succeed("get_user_recipients")["total"] == 3
    with client.operation("get_current_user"):
        me = server.succeed("get_current_user")
        assert (me["common_name"], me["is_superuser"]) == ("tools", True)


def change(client: Client, service: Service, server: Tools, jane: int) -> None:
    with client.operation("update_user"):
        changed = {"first_name": "Joan", "locale": "fr", "is_group_manager": True}
        joan = server.succeed("update_user", id=jane, is_superuser=True, **changed)
        assert (joan["first_name"], joan["locale"], joan["is_superuser"]) == ("Joan", "fr", True)
        assert server.succeed("update_user", id=jane, is_superuser=False)["is_superuser"] is False
        me = service.expect(200, "GET", "/api/user/current")["id"]
        last = server.fail("update_user", id=me, is_superuser=False)
        assert last.endswith("(400): You cannot remove the last member of the 'Admin' group!"), last
    with client.operation("dismiss_user_modal"):
        assert server.succeed("dismiss_user_modal", id=jane, modal="qbnewb") == {"success": True}
        assert server.succeed("get_user", id=jane)["is_qbnewb"] is False


def set_password(client: Client, service: Service, server: Tools, jane: int) -> None:
    with client.operation("update_user_password"):
        weak = server.fail("update_user_password", id=jane, password="password")
        assert "password is too common." in weak, weak
        assert server.fail("update_user_password", id=jane, password="a new s3cret") == NO_BODY
        service.log_in(JANE | {"password": "a new s3cret"})
    with client.operation("create_user_password_reset_url"):
        url = server.succeed("create_user_password_reset_url", id=jane)["password_reset_url"]
        _, _, token = url.rpartition("/auth/reset_password/")
        body = {"token": token, "password": JANE["password"]}
        assert service.expect(200, "POST", "/api/session/reset_password", body)["success"] is True
        service.log_in(JANE)
        service.expect(400, "POST", "/api/session/reset_password", body)


def deactivate(client: Client, server: Tools, jane: int) -> None:
    with client.operation("delete_user"):
        assert server.succeed("delete_user", id=jane) == {"success": True}
        assert server.succeed("list_users", status="deactivated")["data"][0]["id"] == jane
    with client.operation("reactivate_user"):
        assert server.succeed("reactivate_user", id=jane)["is_active"] is True


def manage_groups(client: Client, server: Tools) -> int:
    with client.operation("create_permission_group"):
        group = server.succeed("create_permission_group", name="Sales")["id"]
        taken = server.fail("create_permission_group", name="SALES")
        assert taken.endswith("(400): A group with that name already exists."), taken
    with client.operation("update_permission_group"):
        assert server.succeed("update_permission_group", id=group, name="Finance")["name"] == "Finance"
    with client.operation("list_permission_groups"):
        every = server.succeed("list_permission_groups")
        assert [each["name"] for each in every] == ["Administrators", "All Users", "Finance"], every
        assert [each["magic_group_type"] for each in every] == ["admin", "all-internal-users", None], every
    return group


def manage_memberships(client: Client, server: Tools, group: int, jane: int) -> None:
    with client.operation("add_membership"):
        members = server.succeed("add_membership", user_id=jane, group_id=group)
        assert [member["user_id"] for member in members] == [jane]
        membership = members[0]["membership_id"]
    with client.operation("get_permission_group"):
        assert server.succeed("get_permission_group", id=group)["members"] == members
    with client.operation("list_memberships"):
        held = server.succeed("list_memberships")[str(jane)]
        assert {each["group_id"] for each in held} == {ALL_USERS, group}, held
    with client.operation("update_membership"):
        paid = server.fail("update_membership", id=membership, is_group_manager=True)
        assert "Metabase API error (402)" in paid and "advanced-permissions" in paid, paid
    with client.operation("delete_membership"):
        assert server.fail("delete_membership", id=membership) == NO_BODY
        assert server.succeed("get_permission_group", id=group)["members"] == []


def remove_group(client: Client, service: Service, server: Tools, group: int, jane: int) -> None:
    with client.operation("clear_memberships"):
        server.succeed("add_membership", user_id=jane, group_id=group)
        assert server.fail("clear_memberships", group_id=group) == NO_BODY
        assert server.succeed("get_permission_group", id=group)["members"] == []
    with client.operation("delete_permission_group"):
        server.succeed("add_membership", user_id=jane, group_id=group)
        assert server.fail("delete_permission_group", id=group) == NO_BODY
        assert service.send("GET", f"/api/permissions/group/{group}") == (404, "Not found.")
        assert server.succeed("get_user", id=jane)["user_group_memberships"] == [{"id": ALL_USERS}]


def manage_keys(client: Client, service: Service, server: Tools) -> None:
    with client.operation("create_api_key"):
        key = server.succeed("create_api_key", name="nightly", group_id=ALL_USERS)
        assert key["unmasked_key"].startswith("mb_") and key["group"] == {"id": 1, "name": "All Users"}, key
    with client.operation("count_api_keys"):
        assert server.succeed("count_api_keys") == 2
    with client.operation("list_api_keys"):
        listed = server.succeed("list_api_keys")
        assert {each["name"] for each in listed} == {"nightly", "tools"}
        assert all("unmasked_key" not in each for each in listed), "a listed key contains its secret"
    with client.operation("update_api_key"):
        renamed = server.succeed("update_api_key", id=key["id"], name="daily")
        assert (renamed["name"], renamed["group"]["id"]) == ("daily", ALL_USERS), renamed
    with client.operation("regenerate_api_key"):
        fresh = server.succeed("regenerate_api_key", id=key["id"])["unmasked_key"]
        assert fresh.startswith("mb_") and fresh != key["unmasked_key"]
    with client.operation("delete_api_key"):
        assert server.fail("delete_api_key", id=key["id"]) == NO_BODY
        assert server.succeed("count_api_keys") == 1
