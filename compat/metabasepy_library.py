"""metabasepy, a library for scripts, with a session.

The library requires 204 of every DELETE and PUT, and a body in the response to a PUT. Metabase
returns 200 or no body.
"""

import json

from client import Client
from metabasepy import AuthorizationFailedException, RequestException
from metabasepy import Client as Metabase
from service import ADMIN, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    using = log_in(client, service)
    jane = manage_users(client, service, using)
    set_password(client, service, using, jane)
    deactivate(client, service, using, jane)


def log_in(client: Client, service: Service) -> Metabase:
    with client.operation("Client.authenticate"):
        using = Metabase(ADMIN["email"], ADMIN["password"], service.url)
        using.authenticate()
        wrong = Metabase(ADMIN["email"], "a guess", service.url)
        try:
            wrong.authenticate()
        except AuthorizationFailedException:
            pass
        else:
            raise AssertionError("a wrong password is accepted")
    return using


def error_of(call, *arguments) -> bytes:
    """Calls the library, requires an error, and returns the body of the response."""
    try:
        call(*arguments)
    except RequestException as error:
        return error.message
    raise AssertionError("the call succeeded")


def manage_users(client: Client, service: Service, using: Metabase) -> int:
    with client.operation("users.current"):
        assert using.users.current()["common_name"] == "Ada Admin"
        assert error_of(Metabase("", "", service.url, token="none").users.current) == b"Unauthenticated"
    with client.operation("users.post"):
        jane = using.users.post(JANE["first_name"], JANE["last_name"], JANE["email"], JANE["password"])
        taken = error_of(using.users.post, "J", "S", JANE["email"], JANE["password"])
        assert b"Email address already in use." in taken, taken
    with client.operation("users.get"):
        assert [user["id"] for user in using.users.get()["data"]] == [1, jane]
        assert using.users.get(jane)["user_group_memberships"] == [{"id": ALL_USERS}]
        assert error_of(using.users.get, 4711) == b"Not found."
    return jane


def set_password(client: Client, service: Service, using: Metabase, jane: int) -> None:
    with client.operation("users.password"):
        weak = error_of(using.users.password, jane, "password", None)
        assert b"password is too common." in weak, weak
        try:
            using.users.password(jane, "a new s3cret", None)
        except json.JSONDecodeError:
            service.log_in(JANE | {"password": "a new s3cret"})
        else:
            raise AssertionError("a response without a body is JSON")
        own = Metabase(JANE["email"], "a new s3cret", service.url)
        own.authenticate()
        changed = json.loads(error_of(own.users.password, jane, JANE["password"], "a new s3cret"))
        assert changed["success"] is True
        service.log_in(JANE)


def deactivate(client: Client, service: Service, using: Metabase, jane: int) -> None:
    with client.operation("users.send_invite"):
        assert using.users.send_invite(jane) == {"success": True}
    with client.operation("users.delete"):
        assert error_of(using.users.delete, jane) == b'{"success":true}'
        assert service.expect(200, "GET", "/api/user?status=deactivated")["data"][0]["id"] == jane
