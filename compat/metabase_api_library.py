"""metabase-api, a library for scripts, with a session or an API key."""

import asyncio

from client import Client
from metabase_api import Metabase_API, Metabase_API_Async
from service import ADMIN, ADMINISTRATORS, ALL_USERS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    using = log_in(client, service)
    log_in_again(client, service, using)
    use_routes(client, using)
    use_key(client, service)
    use_async(client, service)


def log_in(client: Client, service: Service) -> Metabase_API:
    with client.operation("Metabase_API(email, password)"):
        using = Metabase_API(service.url, ADMIN["email"], ADMIN["password"])
        assert using.get("/api/user/current")["email"] == ADMIN["email"]
        try:
            Metabase_API(service.url, ADMIN["email"], "a guess")
        except Exception as error:
            assert "401" in str(error), error
        else:
            raise AssertionError("a wrong password is accepted")
    return using


def log_in_again(client: Client, service: Service, using: Metabase_API) -> None:
    with client.operation("validate_session"):
        assert using.validate_session() is True
        ended = using.session_id
        assert service.send("DELETE", "/api/session", session=ended) == (204, None)
        assert using.get("/api/user/current")["id"] == 1
        assert using.session_id != ended


def use_routes(client: Client, using: Metabase_API) -> None:
    with client.operation("post"):
        jane = using.post("/api/user", json=JANE)
        assert (jane["common_name"], jane["is_active"]) == ("Jane Smith", True), jane
        assert using.post("/api/user", json=JANE) is False
        taken = using.post("/api/user", "raw", json=JANE)
        assert taken.json()["errors"]["email"] == "Email address already in use."
    with client.operation("get"):
        assert [user["id"] for user in using.get("/api/user")["data"]] == [1, jane["id"]]
        assert using.get("/api/user/", params={"query": "smith"})["total"] == 1
        assert using.get("/api/user/4711") is False
    with client.operation("put"):
        assert using.put(f"/api/user/{jane['id']}", json={"group_ids": [ALL_USERS, ADMINISTRATORS]}) == 200
        assert using.get(f"/api/user/{jane['id']}")["is_superuser"] is True
        assert using.put(f"/api/user/{jane['id']}/password", json={"password": "a new s3cret"}) == 204
    with client.operation("delete"):
        assert using.delete(f"/api/user/{jane['id']}") == 200
        assert using.get("/api/user", params={"status": "deactivated"})["total"] == 1
        assert using.put(f"/api/user/{jane['id']}/reactivate") == 200


def use_key(client: Client, service: Service) -> None:
    with client.operation("Metabase_API(api_key)"):
        key = service.api_key("scripts", ADMINISTRATORS)["unmasked_key"]
        using = Metabase_API(service.url, api_key=key)
        assert using.get("/api/user/current")["common_name"] == "scripts"
        group = using.post("/api/permissions/group", json={"name": "Sales"})
        assert group["name"] == "Sales", group


def use_async(client: Client, service: Service) -> None:
    async def names() -> list[str]:
        async with Metabase_API_Async(service.url, ADMIN["email"], ADMIN["password"]) as using:
            return [user["common_name"] for user in (await using.get("/api/user"))["data"]]

    with client.operation("Metabase_API_Async"):
        assert asyncio.run(names()) == ["Ada Admin", "Jane Smith"]
