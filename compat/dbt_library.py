"""dbt-metabase, which names the owners of questions and dashboards, with a password or an API key."""

import requests
from client import Client
from dbtmetabase.metabase import Metabase
from service import ADMIN, ADMINISTRATORS, JANE, Service


def run(client: Client, service: Service) -> None:
    service.set_up()
    jane = service.expect(200, "POST", "/api/user", JANE)["id"]
    with client.operation("Metabase(username, password)"):
        using = client_of(service, username=ADMIN["email"], password=ADMIN["password"])
        try:
            client_of(service, username=ADMIN["email"], password="a guess")
        except requests.HTTPError as error:
            assert error.response.status_code == 401, error
        else:
            raise AssertionError("a wrong password is accepted")
    with client.operation("find_user"):
        assert using.find_user(str(jane))["common_name"] == "Jane Smith"
        assert using.find_user("4711") is None
        own = client_of(service, username=JANE["email"], password=JANE["password"])
        assert own.find_user(str(jane))["email"] == JANE["email"]
        assert own.find_user("1") is None
    with client.operation("find_user, internal"):
        assert using.find_user("13371338") is None
    with client.operation("Metabase(session_id)"):
        assert client_of(service, session_id=service.session).find_user("1")["email"] == ADMIN["email"]
    with client.operation("Metabase(api_key)"):
        key = service.api_key("dbt", ADMINISTRATORS)["unmasked_key"]
        assert client_of(service, api_key=key).find_user("1")["common_name"] == "Ada Admin"


def client_of(service: Service, **credentials: str) -> Metabase:
    none = dict.fromkeys(("api_key", "username", "password", "session_id", "cert", "http_headers", "http_adapter"))
    return Metabase(service.url, skip_verify=False, http_timeout=30, **none | credentials)
