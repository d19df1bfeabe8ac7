"""metabase-manager, a program for users and groups declared in a file."""

import re
import tempfile
from pathlib import Path

from client import PYTHON, Client, Program
from service import ADMIN, Service

GROUPS = """
groups:
  - name: Finance
  - name: Marketing
"""
ADA = """
users:
  - {email: ada@example.com, first_name: Ada, last_name: Admin, groups: [Administrators]}
"""
JANE = "  - {email: jane@example.com, first_name: Jane, last_name: Doe, groups: [Finance]}\n"
JANE_MOVED = "  - {email: jane@example.com, first_name: Jane, last_name: Smith, groups: [Marketing]}\n"
JOHN = "  - {email: john@example.com, first_name: John, last_name: Smith, groups: [Marketing]}\n"


class Manager:
    """The program with its configuration file."""

    def __init__(self, service: Service, folder: Path) -> None:
        names = {"METABASE_HOST": service.url, "METABASE_USER": ADMIN["email"]}
        variables = names | {"METABASE_PASSWORD": ADMIN["password"], "LC_ALL": "C.UTF-8"}
        self.program = Program(PYTHON / "metabase-manager", folder, variables)
        self.file = folder / "metabase.yml"

    def sync(self, text: str, *options: str) -> list[str]:
        """Writes the file, runs `sync`, and returns the reported changes."""
        self.file.write_text(text)
        output = self.program.succeed("sync", "--file", self.file, *options)
        return sorted(re.findall(r"\[(?:CREATE|UPDATE|DELETE)\] (?:Group|User)\(.*?(?=, groups|\)$)", output, re.M))


def run(client: Client, service: Service) -> None:
    service.set_up()
    with tempfile.TemporaryDirectory() as folder:
        manager = Manager(service, Path(folder))
        dry_run(client, service, manager)
        create(client, service, manager)
        change(client, service, manager)
        select(client, service, manager)
        remove(client, service, manager)
        reactivate(client, service, manager)


def active(service: Service) -> dict[str, set[str]]:
    """Group names of each active user, by first name."""
    names = {group["id"]: group["name"] for group in service.expect(200, "GET", "/api/permissions/group")}
    users = service.expect(200, "GET", "/api/user")["data"]
    return {user["first_name"]: {names[group] for group in user["group_ids"]} for user in users}


def groups(service: Service) -> list[str]:
    return [group["name"] for group in service.expect(200, "GET", "/api/permissions/group")]


def dry_run(client: Client, service: Service, manager: Manager) -> None:
    with client.operation("sync --dry-run"):
        done = manager.sync(GROUPS + ADA + JANE, "--dry-run")
        assert len(done) == 3 and done[0] == "[CREATE] Group(name='Finance'", done
        assert list(active(service)) == ["Ada"] and groups(service) == ["Administrators", "All Users"]


def create(client: Client, service: Service, manager: Manager) -> None:
    with client.operation("sync: create users and groups"):
        done = manager.sync(GROUPS + ADA + JANE + JOHN)
        assert len(done) == 4 and all(line.startswith("[CREATE]") for line in done), done
        members = active(service)
        assert members["Jane"] == {"All Users", "Finance"} and members["John"] == {"All Users", "Marketing"}
    with client.operation("sync: nothing to do"):
        assert manager.sync(GROUPS + ADA + JANE + JOHN) == []


def change(client: Client, service: Service, manager: Manager) -> None:
    with client.operation("sync: change names and groups"):
        done = manager.sync(GROUPS + ADA + JANE_MOVED + JOHN)
        assert len(done) == 1 and done[0].startswith("[UPDATE] User(first_name='Jane', last_name='Smith'"), done
        assert active(service)["Jane"] == {"All Users", "Marketing"}


def select(client: Client, service: Service, manager: Manager) -> None:
    with client.operation("sync --no-delete"):
        assert manager.sync(GROUPS + ADA, "--no-delete") == []
        assert set(active(service)) == {"Ada", "Jane", "John"}
    with client.operation("sync --select, --exclude"):
        assert manager.sync("groups:\n  - name: Marketing\n", "--select", "groups") == [
            "[DELETE] Group(name='Finance'"
        ]
        assert manager.sync("groups:\n  - name: Marketing\n", "--exclude", "users") == []
        assert groups(service) == ["Administrators", "All Users", "Marketing"]


def remove(client: Client, service: Service, manager: Manager) -> None:
    with client.operation("sync: remove users and groups"):
        done = manager.sync("groups: []\n" + ADA + JANE_MOVED.replace("[Marketing]", "[]"))
        assert [line.split("(")[0] for line in done] == ["[DELETE] Group", "[DELETE] User"], done
        assert active(service) == {"Ada": {"All Users", "Administrators"}, "Jane": {"All Users"}}
        assert groups(service) == ["Administrators", "All Users"]


def reactivate(client: Client, service: Service, manager: Manager) -> None:
    with client.operation("sync: reactivate a user"):
        done = manager.sync("groups: []\n" + ADA + JOHN.replace("John", "Johnny").replace("Marketing", ""))
        assert [line.split(",")[0] for line in done] == [
            "[CREATE] User(first_name='Johnny'",
            "[DELETE] User(first_name='Jane'",
        ]
        assert active(service)["Johnny"] == {"All Users"}
