"""metabase-python, a library for scripts, with a session."""

from client import Client
from metabase import Metabase, PermissionGroup, PermissionMembership, User
from metabase.exceptions import AuthenticationError, NotFoundError
from requests import HTTPError, JSONDecodeError
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    using = log_in(client, service)
    jane = create(client, using)
    find(client, using, jane)
    change(client, using, jane)
    set_passwords(client, service, using, jane)
    deactivate(client, using, jane)
    invite(client, using, jane)
    group = manage_groups(client, using)
    manage_memberships(client, using, group, jane)
    remove_group(client, using, group)


def client_of(url: str, user: dict) -> Metabase:
    return Metabase(host=url, user=user["email"], password=user["password"])


def error_of(call, *arguments, **named) -> str:
    """Calls the library, requires an error, and returns its message."""
    try:
        call(*arguments, **named)
    except (AuthenticationError, HTTPError, NotFoundError) as error:
        return str(error)
    raise AssertionError("the call succeeded")


def log_in(client: Client, service: Service) -> Metabase:
    with client.operation("Metabase.token"):
        using = client_of(service.url, ADMIN)
        assert using.get("/api/user/current").json()["email"] == ADMIN["email"]
        existing = Metabase(host=service.url, user="", password="", token=using.token)
        assert existing.get("/api/user/current").json()["is_superuser"] is True
        wrong = client_of(service.url, ADMIN | {"password": "a guess"})
        assert "did not match stored password" in error_of(lambda: wrong.token)
    return using


def create(client: Client, using: Metabase) -> User:
    with client.operation("User.create"):
        jane = User.create(using, **JANE, login_attributes={"floor": 3})
        assert (jane.common_name, jane.is_active, jane.is_superuser) == ("Jane Smith", True, False)
        assert jane.login_attributes == {"floor": "3"}
        assert [group["id"] for group in jane.user_group_memberships] == [ALL_USERS]
        john = User.create(using, "John", "Doe", "john@example.com", "a third s3cret", group_ids=[1, 2])
        assert john.is_superuser is True
        taken = error_of(User.create, using, **JANE)
        assert "Email address already in use." in taken, taken
    return jane


def find(client: Client, using: Metabase, jane: User) -> None:
    def ids(**filters) -> list[int]:
        return [user.id for user in User.list(using, **filters)]

    with client.operation("User.list"):
        assert ids() == [1, jane.id, 3]
        assert ids(query="SMITH") == [jane.id]
        assert ids(group_id=ADMINISTRATORS) == [1, 3]
        assert ids(limit=1, offset=1) == [jane.id]
        assert User.list(using)[2].group_ids == [ALL_USERS, ADMINISTRATORS]
    with client.operation("User.get"):
        assert User.get(jane.id, using).email == JANE["email"]
        assert error_of(User.get, 4711, using) == "User(id=4711) was not found."


def change(client: Client, using: Metabase, jane: User) -> None:
    with client.operation("User.update"):
        jane.update(first_name="Joan", locale="de-AT", group_ids=[ALL_USERS, ADMINISTRATORS])
        joan = User.get(jane.id, using)
        assert (joan.first_name, joan.last_name, joan.locale) == ("Joan", "Smith", "de_AT")
        assert joan.is_superuser is True
        jane.update(group_ids=[ALL_USERS])
        assert User.get(jane.id, using).is_superuser is False
        taken = error_of(jane.update, email=ADMIN["email"])
        assert "Email address already associated to another user." in taken, taken


def set_passwords(client: Client, service: Service, using: Metabase, jane: User) -> None:
    with client.operation("User.password"):
        own = client_of(service.url, JANE)
        me = User.get(jane.id, own)
        assert me.password("a new s3cret", "a guess").json() == {"errors": {"old_password": "Invalid password"}}
        changed = me.password("a new s3cret", JANE["password"])
        assert changed.status_code == 200 and changed.json()["success"] is True
        assert own.get("/api/user/current").status_code == 401, "the old session is still valid"
        own.token = changed.json()["session_id"]
        assert own.get("/api/user/current").status_code == 200
        assert jane.password(JANE["password"], "").status_code == 204


def deactivate(client: Client, using: Metabase, jane: User) -> None:
    with client.operation("User.delete"):
        jane.delete()
        assert jane.id not in [user.id for user in User.list(using)]
        assert [user.id for user in User.list(using, status="deactivated")] == [jane.id]
        assert len(User.list(using, include_deactivated=True)) == 3
        assert "Your account is disabled." in error_of(lambda: client_of(using.host, JANE).token)
    with client.operation("User.reactivate"):
        assert jane.reactivate().json()["is_active"] is True
        assert jane.reactivate().json()["message"] == "Not able to reactivate an active user"
        reject_non_administrators(client_of(using.host, JANE))


def reject_non_administrators(using: Metabase) -> None:
    """The library parses the list before it checks the status, and the error is not JSON."""
    try:
        User.list(using)
    except JSONDecodeError as error:
        assert error.doc == "You don't have permissions to do that.", error.doc
    else:
        raise AssertionError("a user without rights gets the list")


def invite(client: Client, using: Metabase, jane: User) -> None:
    with client.operation("User.send_invite"):
        assert jane.send_invite().status_code == 200


def manage_groups(client: Client, using: Metabase) -> PermissionGroup:
    with client.operation("PermissionGroup.create"):
        group = PermissionGroup.create(using, "Marketing")
        taken = error_of(PermissionGroup.create, using, "marketing")
        assert taken == "A group with that name already exists.", taken
    with client.operation("PermissionGroup.list"):
        names = [(group.name, group.member_count) for group in PermissionGroup.list(using)]
        assert names == [("Administrators", 2), ("All Users", 3), ("Marketing", 0)], names
    with client.operation("PermissionGroup.update"):
        group.update(name="Sales")
    with client.operation("PermissionGroup.get"):
        assert PermissionGroup.get(group.id, using).name == "Sales"
        assert "was not found" in error_of(PermissionGroup.get, 4711, using)
    return group


def manage_memberships(client: Client, using: Metabase, group: PermissionGroup, jane: User) -> None:
    def of_jane() -> set[tuple[int, int]]:
        every = PermissionMembership.list(using)
        return {(each.membership_id, each.group_id) for each in every if each.user_id == jane.id}

    with client.operation("PermissionMembership.create"):
        joined = PermissionMembership.create(using, group_id=group.id, user_id=jane.id)
        assert PermissionGroup.get(group.id, using).members[0]["user_id"] == jane.id
    with client.operation("PermissionMembership.list"):
        assert (joined.membership_id, group.id) in of_jane()
        assert {group for _, group in of_jane()} == {ALL_USERS, group.id}
    with client.operation("PermissionMembership.delete"):
        joined.delete()
        assert {group for _, group in of_jane()} == {ALL_USERS}


def remove_group(client: Client, using: Metabase, group: PermissionGroup) -> None:
    with client.operation("PermissionGroup.delete"):
        group.delete()
        assert "was not found" in error_of(PermissionGroup.get, group.id, using)
        magic = error_of(PermissionGroup.get(ALL_USERS, using).delete)
        assert magic == "You cannot edit or delete the 'All Users' permissions group!", magic
