"""getdango, a data platform that keeps its users as users of Metabase.

Only its modules for Metabase are loaded, unmodified and without the platform.
"""

import asyncio
import os
import sys
import tempfile
import types
from importlib.util import find_spec
from pathlib import Path

from client import Client
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def load():
    """The modules of the client. The package around them would load the whole platform."""
    # Without a key in the keychain of the developer, the client keeps it in the project.
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    folder = find_spec("dango").submodule_search_locations[0]
    package = types.ModuleType("dango.auth")
    package.__path__ = [f"{folder}/auth"]
    sys.modules["dango.auth"] = package
    from dango.auth import database, metabase_bridge, metabase_sync, models
    from dango.migrations import runner
    from dango.security import token_storage

    token_storage.console.quiet = True

    return Path(folder), types.SimpleNamespace(
        bridge=metabase_bridge, database=database, models=models, runner=runner, sync=metabase_sync
    )


class Platform:
    """A project with users, and the modules with the arguments that they always take."""

    def __init__(self, service: Service, project: Path) -> None:
        folder, self.modules = load()
        self.url, self.project, self.users = service.url, project, project / "auth.db"
        (project / ".dango").mkdir()
        metadata = f"metabase_url: {self.url}\nadmin:\n  email: {ADMIN['email']}\n  password: {ADMIN['password']}\n"
        (project / ".dango/metabase.yml").write_text(metadata)
        self.modules.runner.MigrationRunner(self.users, "auth", folder / "migrations/auth").apply_pending()

    def create(self, email: str, role: str) -> str:
        user = self.modules.models.User(email=email, role=role)
        return self.modules.database.create_user(self.users, user).id

    def user(self, user: str):
        return self.modules.database.get_user_by_id(self.users, user)

    def sync(self, function: str, user: str):
        return getattr(self.modules.sync, function)(self.users, user, self.project, self.url)

    def log_in(self, user: str, **options) -> str | None:
        login = self.modules.bridge.bridge_metabase_login(self.user(user), self.project, **options)
        return asyncio.run(login)


def run(client: Client, service: Service) -> None:
    service.set_up()
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(service, Path(folder))
        jane = create(client, service, platform)
        use_session(client, service, platform, jane)
        change_role(client, service, platform, jane)
        deactivate(client, service, platform, jane)


def create(client: Client, service: Service, platform: Platform) -> str:
    with client.operation("sync_user_to_metabase"):
        jane = platform.create(JANE["email"], "viewer")
        created = platform.sync("sync_user_to_metabase", jane)
        user = service.expect(200, "GET", f"/api/user/{created}")
        assert (user["email"], user["common_name"]) == (JANE["email"], "jane ."), user
        assert platform.user(jane).metabase_user_id == created
        assert platform.sync("sync_user_to_metabase", jane) == created, "the user is created twice"
    with client.operation("find_metabase_user_by_email"):
        sync = platform.modules.sync
        found = sync.find_metabase_user_by_email(platform.url, service.session, JANE["email"])
        assert found["id"] == created
        assert sync.find_metabase_user_by_email(platform.url, service.session, "x@example.com") is None
    return jane


def use_session(client: Client, service: Service, platform: Platform, jane: str) -> None:
    with client.operation("bridge_metabase_login"):
        session = platform.log_in(jane)
        assert service.send("GET", "/api/user/current", session=session)[1]["email"] == JANE["email"]
    with client.operation("bridge_metabase_login, first login"):
        john = platform.create("john@example.com", "editor")
        assert platform.log_in(john, db_path=platform.users) is not None
        assert platform.user(john).metabase_user_id == 3
    with client.operation("bridge_metabase_logout"):
        logout = platform.modules.bridge.bridge_metabase_logout
        assert asyncio.run(logout(session, platform.project)) is True
        assert service.send("GET", "/api/user/current", session=session)[0] == 401
        assert asyncio.run(logout(session, platform.project)) is False
    with client.operation("update_metabase_user_password"):
        change = platform.modules.sync.update_metabase_user_password
        session, own = service.log_in(ADMIN), {"old_password": ADMIN["password"]}
        assert change(platform.url, session, 1, ADMIN["password"], **own) is True
        service.session = service.log_in(ADMIN)
        # Metabase returns 204, which the client takes for a failure.
        assert change(platform.url, service.session, 3, "a new s3cret") is False
        service.log_in({"email": "john@example.com", "password": "a new s3cret"})


def change_role(client: Client, service: Service, platform: Platform, jane: str) -> None:
    sync, roles = platform.modules.sync, platform.modules.models.Role
    every = service.expect(200, "GET", "/api/permissions/group")
    # The client creates this group before it sets permissions of a database, and stops there.
    [editors] = [group["id"] for group in every if group["name"] == "Dango Editors"]
    groups = {"editors": editors, "admin": ADMINISTRATORS, "all_users": ALL_USERS}
    user = platform.user(jane).metabase_user_id

    def held(role) -> list[int]:
        sync._apply_role(platform.url, service.session, user, role, groups)
        return [each["id"] for each in service.expect(200, "GET", f"/api/user/{user}")["user_group_memberships"]]

    with client.operation("role of a user"):
        assert held(roles.EDITOR) == [ALL_USERS, editors]
        assert held(roles.ADMIN)[:2] == [ALL_USERS, ADMINISTRATORS]
        assert ADMINISTRATORS not in held(roles.VIEWER)


def deactivate(client: Client, service: Service, platform: Platform, jane: str) -> None:
    user = platform.user(jane).metabase_user_id
    with client.operation("deactivate_metabase_user"):
        assert platform.sync("deactivate_metabase_user", jane) is True
        assert service.expect(200, "GET", "/api/user?status=deactivated")["data"][0]["id"] == user
        assert platform.log_in(jane) is None
    with client.operation("delete_metabase_user"):
        service.expect(200, "PUT", f"/api/user/{user}/reactivate")
        assert platform.sync("delete_metabase_user", jane) is True
        assert platform.user(jane).metabase_user_id is None
