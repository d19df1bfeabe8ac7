"""A black-box test of a deployed API: every route, with and without a trailing slash."""

import http.client
import json
import re
import uuid
from pathlib import Path

ADMIN = {"email": "ada@example.com", "password": "unc0mmon pw"}
JANE = {"email": "jane@example.com", "password": "an0ther secret"}


class Api:
    """A client of the gateway, with the session of the administrator.

    `stage` is the path of the stage in front of each path.
    """

    def __init__(self, address: str, host: str, stage: str = "") -> None:
        self.address, self.host, self.stage = address, host, stage
        self.session: str | None = None
        self.used: set[str] = set()

    def send(self, method: str, path: str, body: object = None, session: str | None = None, headers: dict | None = None):
        """Sends a request and returns the status, the headers and the body of the response."""
        connection = http.client.HTTPConnection(self.address, timeout=300)
        headers = {"Host": self.host, "Accept": "*/*"} | (headers or {})
        if session := session or self.session:
            headers["X-Metabase-Session"] = session
        text = None
        if body is not None:
            text, headers["Content-Type"] = json.dumps(body), "application/json"
        connection.request(method, self.stage + path, text, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        self.used.add(f"{method} {path.partition('?')[0]}")
        is_json = data and response.headers.get("Content-Type", "").startswith("application/json")
        return response.status, response.headers, json.loads(data) if is_json else data or None

    def expect(self, status: int, method: str, path: str, body: object = None, session: str | None = None):
        """Sends a request, requires the status, and returns the body."""
        actual, headers, response = self.send(method, path, body, session)
        assert actual == status, f"{method} {path}: {actual} {response}, expected {status}"
        assert headers["Cache-Control"] == "no-store", f"{method} {path}: {headers}"
        return response


def run(api: Api, setup_token: str) -> None:
    """Uses every route, from the setup of the instance to the last logout."""
    documentation(api)
    pages(api)
    set_up(api, setup_token)
    jane = create(api)
    read(api, jane)
    change(api, jane)
    groups(api, jane)
    keys(api)
    revoke(api, jane)
    audit(api, jane)
    settings(api)
    idempotency(api)
    log_out(api)
    other_functions(api)
    trailing_slashes(api)
    head_requests(api)


def head_requests(api: Api) -> None:
    """Requires the status of GET for HEAD. The probes exist in the metabase dialect only."""
    used = [request.split() for request in sorted(api.used)]
    for path in [path for method, path in used if method == "GET"] + ["/livez", "/readyz"]:
        status, _, _ = api.send("GET", path)
        head, _, body = api.send("HEAD", path)
        assert (head, body) == (status, None), f"HEAD {path}: {head} {body}, GET {status}"


def run_again(api: Api) -> None:
    """Reads from an instance after `run`, through another front door. Logs the administrator in."""
    assert api.expect(200, "GET", "/api/health") == {"status": "ok"}
    api.expect(401, "GET", "/api/user/current")
    api.session = log_in(api, ADMIN)
    admin = api.expect(200, "GET", "/api/user/current")
    assert admin["email"] == ADMIN["email"], admin
    assert api.expect(200, "GET", f"/api/user/{admin['id']}")["email"] == ADMIN["email"]
    page = api.expect(200, "GET", "/api/user?query=ada%40EXAMPLE.com&limit=1")
    assert [user["id"] for user in page["data"]] == [admin["id"]], page
    status, _, response = api.send("HEAD", "/api/user/current")
    assert (status, response) == (200, None), response
    status, _, response = api.send("GET", "/api/nothing")
    assert status == 404, response


def write_again(api: Api) -> None:
    """Writes after `run_again`, and uses trailing slashes and unknown routes of a REST API."""
    api.expect(200, "GET", "/api/user/current/")
    api.expect(400, "POST", "/api/user", {"email": "not an email address"})
    group = api.expect(200, "POST", "/api/permissions/group", {"name": "Ärzte"})
    assert group["name"] == "Ärzte", group
    api.expect(204, "DELETE", f"/api/permissions/group/{group['id']}")
    for method, path in [("GET", "/api/nothing"), ("PATCH", "/api/health"), ("GET", "/api")]:
        status, _, response = api.send(method, path)
        assert (status, response) == (404, {"message": "Not Found"}), f"{method} {path}: {status} {response}"
    api.expect(204, "DELETE", "/api/session")


def documentation(api: Api) -> None:
    """Public, cacheable files."""
    for path in ["/api/openapi.json", "/api/docs", "/api/docs/swagger-ui.js"]:
        status, headers, body = api.send("GET", path)
        assert (status, headers["Cache-Control"]) == (200, "public, max-age=300"), f"{path}: {status} {headers}"
        assert len(body) == int(headers["Content-Length"]) or isinstance(body, dict), path
        status, head, body_of_head = api.send("HEAD", path)
        assert (status, head["ETag"], body_of_head) == (200, headers["ETag"], None), f"HEAD {path}: {status} {head}"
    assert body[:2] == b"\x1f\x8b" and headers["Content-Encoding"] == "gzip", headers


def pages(api: Api) -> None:
    """The page for people, the same at all its addresses, and its assets."""
    _, _, page = api.send("GET", "/")
    for path in ["/", "/auth/reset_password/1_x", "/account", "/account/profile", "/admin", "/admin/people/1", "/setup"]:
        for method, expected in [("GET", page), ("HEAD", None)]:
            status, headers, body = api.send(method, path)
            assert (status, headers["Cache-Control"], body) == (200, "no-cache", expected), f"{method} {path}: {status}"
    assets = re.findall(r"/assets/pages-[0-9a-f]{16}\.(?:js|css)", page.decode())
    assert len(assets) == 2, page
    for path in assets:
        status, headers, body = api.send("GET", path)
        assert status == 200 and "immutable" in headers["Cache-Control"], f"{path}: {status} {headers}"
        assert body[:2] == b"\x1f\x8b" and headers["Content-Encoding"] == "gzip", headers
        assert api.send("HEAD", path)[0] == 200, path


def set_up(api: Api, token: str) -> None:
    assert api.expect(200, "GET", "/api/health") == {"status": "ok"}
    assert api.expect(200, "GET", "/api/session/properties")["has-user-setup"] is False
    user = ADMIN | {"first_name": "Ada", "last_name": "Admin"}
    api.expect(400, "POST", "/api/setup", {"token": "a guess", "user": user})
    api.expect(200, "POST", "/api/setup", {"token": token, "user": user, "prefs": {"site_name": "Example"}})
    api.expect(403, "POST", "/api/setup", {"token": token, "user": user})
    properties = api.expect(200, "GET", "/api/session/properties")
    assert (properties["has-user-setup"], properties["site-name"]) == (True, "Example")
    api.session = log_in(api, ADMIN)


def log_in(api: Api, user: dict) -> str:
    body = {"username": user["email"], "password": user["password"]}
    # A login ends the session that it comes with.
    status, headers, response = api.send("POST", "/api/session", body, session="no session")
    assert status == 200, response
    cookie = headers["Set-Cookie"]
    assert cookie.startswith(f"metabase.SESSION={response['id']};") and "HttpOnly" in cookie, cookie
    return response["id"]


def create(api: Api) -> int:
    user = JANE | {"first_name": "Jane", "last_name": "Smith"}
    jane = api.expect(200, "POST", "/api/user", user)
    assert jane["common_name"] == "Jane Smith" and "password" not in jane
    assert api.expect(409, "POST", "/api/user", user)["error_code"] == "email-already-in-use"
    api.expect(400, "POST", "/api/user", {"email": "not an email address"})
    return jane["id"]


def read(api: Api, jane: int) -> None:
    assert api.expect(200, "GET", "/api/user/current")["is_superuser"] is True
    assert api.expect(200, "GET", f"/api/user/{jane}")["email"] == JANE["email"]
    assert [user["id"] for user in api.expect(200, "GET", "/api/user")] == [1, jane]
    page = api.expect(200, "GET", "/api/user?limit=1&offset=1&status=all")
    assert ([user["id"] for user in page["data"]], page["total"]) == ([jane], 2)
    assert [user["id"] for user in api.expect(200, "GET", "/api/user?query=SMITH")] == [jane]
    newest = api.expect(200, "GET", "/api/user?sort=-date_joined&last_login_before=9999-12-31")
    assert [user["id"] for user in newest] == [jane, 1]
    assert [user["id"] for user in api.expect(200, "GET", "/api/user/recipients")] == [1, jane]
    assert api.send("GET", f"/api/user/{jane}")[1]["ETag"].startswith(f'"{jane}.')
    api.expect(404, "GET", "/api/user/4711")
    session = log_in(api, JANE)
    api.expect(403, "GET", "/api/user/1", session=session)
    assert [user["id"] for user in api.expect(200, "GET", "/api/user", session=session)] == [jane]
    api.expect(401, "GET", "/api/user/current", session="no session")


def change(api: Api, jane: int) -> None:
    path = f"/api/user/{jane}"
    api.expect(200, "PUT", path, {"first_name": "Joan", "is_superuser": True})
    moved = api.expect(200, "PUT", path, {"email": "joan@example.com", "is_superuser": False})
    assert (moved["email"], moved["is_superuser"]) == ("joan@example.com", False)
    api.expect(409, "PUT", path, {"email": ADMIN["email"]})
    api.expect(400, "PUT", "/api/user/1", {"is_superuser": False})
    assert api.expect(200, "PUT", f"{path}/modal/qbnewb") == {"success": True}
    assert api.expect(200, "GET", path)["is_qbnewb"] is False
    JANE["email"] = "joan@example.com"


def groups(api: Api, jane: int) -> None:
    path = "/api/permissions/group"
    group = api.expect(200, "POST", path, {"name": "Analysts"})["id"]
    api.expect(400, "POST", path, {"name": "ANALYSTS"})
    assert api.expect(200, "PUT", f"{path}/{group}", {"name": "Scientists"})["name"] == "Scientists"
    memberships = "/api/permissions/membership"
    (member,) = api.expect(200, "POST", memberships, {"group_id": group, "user_id": jane})
    assert api.expect(200, "GET", f"{path}/{group}")["members"] == [member]
    counts = {one["name"]: one["member_count"] for one in api.expect(200, "GET", path)}
    assert counts == {"Administrators": 1, "All Users": 2, "Scientists": 1}, counts
    assert len(api.expect(200, "GET", memberships)[str(jane)]) == 2
    api.expect(402, "PUT", f"{memberships}/{member['membership_id']}", {"is_group_manager": True})
    api.expect(204, "DELETE", f"{memberships}/{member['membership_id']}")
    api.expect(200, "PUT", f"/api/user/{jane}", {"group_ids": [group]})
    api.expect(204, "PUT", f"{memberships}/{group}/clear")
    api.expect(200, "PUT", f"/api/user/{jane}", {"group_ids": [group]})
    api.expect(204, "DELETE", f"{path}/{group}")
    assert api.expect(200, "GET", f"/api/user/{jane}")["user_group_memberships"] == [{"id": 1}]


def keys(api: Api) -> None:
    path = "/api/api-key"
    created = api.expect(200, "POST", path, {"name": "Nightly sync", "group_id": 2})
    assert created["unmasked_key"].startswith("mb_") and created["group"]["name"] == "Administrators", created
    key = f"{path}/{created['id']}"
    assert api.expect(200, "PUT", key, {"name": "Hourly sync", "group_id": 1})["name"] == "Hourly sync"
    assert "unmasked_key" in api.expect(200, "PUT", f"{key}/regenerate")
    assert [one["id"] for one in api.expect(200, "GET", path)] == [created["id"]]
    assert api.expect(200, "GET", f"{path}/count") == 1
    api.expect(204, "DELETE", key)


def revoke(api: Api, jane: int) -> None:
    path = f"/api/user/{jane}"
    session = log_in(api, JANE)
    new = {"password": JANE["password"], "new_password": "a third s3cret"}
    fresh = api.expect(200, "PUT", f"{path}/password", new, session=session)["session_id"]
    api.expect(401, "GET", "/api/user/current", session=session)
    api.expect(200, "GET", "/api/user/current", session=fresh)
    api.expect(204, "PUT", f"{path}/password", {"password": JANE["password"]})
    api.expect(401, "GET", "/api/user/current", session=fresh)

    api.expect(200, "PUT", path, {"must_change_password": True})
    session = log_in(api, JANE)
    assert api.expect(403, "GET", path, session=session)["error_code"] == "password-change-required"
    fresh = api.expect(200, "PUT", f"{path}/password", new, session=session)["session_id"]
    assert "must_change_password" not in api.expect(200, "GET", path, session=fresh)
    api.expect(204, "PUT", f"{path}/password", {"password": JANE["password"]})

    session, other = log_in(api, JANE), log_in(api, JANE)
    sessions = api.expect(200, "GET", f"{path}/sessions", session=session)
    current = [one["id"] for one in sessions if one["is_current"]]
    assert (len(sessions), len(current)) == (2, 1), sessions
    api.expect(204, "DELETE", f"{path}/sessions/{current[0]}")
    api.expect(404, "DELETE", f"{path}/sessions/{current[0]}")
    api.expect(401, "GET", "/api/user/current", session=session)
    api.expect(204, "DELETE", f"{path}/sessions", session=other)
    api.expect(401, "GET", "/api/user/current", session=other)

    reset(api, path)
    session = log_in(api, JANE)
    assert api.expect(200, "DELETE", path) == {"success": True}
    api.expect(401, "GET", "/api/user/current", session=session)
    rejected = api.expect(401, "POST", "/api/session", {"username": JANE["email"], "password": JANE["password"]})
    assert rejected["error"] == "did not match stored password"
    assert api.expect(200, "PUT", f"{path}/reactivate")["is_active"] is True
    api.expect(401, "GET", "/api/user/current", session=session)

    session = log_in(api, JANE)
    erased = api.expect(200, "POST", f"{path}/anonymize")
    assert (erased["email"], erased["first_name"]) == (f"anonymized-{jane}@anonymized.invalid", None), erased
    api.expect(401, "GET", "/api/user/current", session=session)
    api.expect(400, "PUT", f"{path}/reactivate")
    next_jane = api.expect(200, "POST", "/api/user", JANE | {"first_name": "Joan", "last_name": "Smith"})
    assert next_jane["id"] != jane


def reset(api: Api, path: str) -> None:
    """Resets a password with a link created by an administrator. No email is sent."""
    assert api.expect(204, "POST", "/api/session/forgot_password", {"email": JANE["email"]}) is None
    api.expect(204, "DELETE", f"{path}/rate-limits")
    for method in ["POST", "PUT"]:
        invitation = api.expect(200, method, f"{path}/send_invite")
        assert not invitation["success"] and "/auth/reset_password/" in invitation["password_reset_url"], method
    page, token = api.expect(200, "POST", f"{path}/password-reset-url")["password_reset_url"].rsplit("/", 1)
    assert page.endswith("/auth/reset_password"), page
    valid = f"/api/session/password_reset_token_valid?token={token}"
    assert api.expect(200, "GET", valid) == {"valid": True}
    assert api.expect(200, "POST", "/api/session/password-check", {"password": JANE["password"]}) == {"valid": True}
    new = {"token": token, "password": JANE["password"]}
    fresh = api.expect(200, "POST", "/api/session/reset_password", new)["session_id"]
    assert api.expect(200, "GET", "/api/user/current", session=fresh)["email"] == JANE["email"]
    assert api.expect(200, "GET", valid) == {"valid": False}
    api.expect(400, "POST", "/api/session/reset_password", new)
    for link in ["confirm-email", "revert-email"]:
        api.expect(400, "POST", f"/api/user/{link}", {"token": "of no link"})


def settings(api: Api) -> None:
    api.expect(204, "PUT", "/api/setting/site-name", {"value": "Example"})
    assert api.expect(200, "GET", "/api/session/properties")["site-name"] == "Example"
    api.expect(404, "PUT", "/api/setting/unknown", {"value": "Example"})
    api.expect(400, "POST", "/api/email/test")


def audit(api: Api, jane: int) -> None:
    page = api.expect(200, "GET", f"/api/audit?target={jane}&limit=100")
    actions = [event["action"] for event in page["data"]]
    assert actions[-1] == "create-user" and page["next_cursor"] is None, page
    assert {"failed-login", "password-reset-url", "reset-password"} < set(actions), actions
    first = api.expect(200, "GET", f"/api/audit?target={jane}&limit=1&actor=1")
    assert len(first["data"]) == 1 and first["next_cursor"], first


def idempotency(api: Api) -> None:
    """Repeats requests with an idempotency key or with an outdated ETag."""
    # A key per route. The scope of a key is a route key, and `cargo lambda watch` uses `$default`
    # for all routes.
    key, *others = ({"Idempotency-Key": str(uuid.uuid4())} for _ in range(3))
    bodies = [{"name": "Once"}, {"name": "Once"}, {"name": "Twice"}]
    responses = [api.send("POST", "/api/permissions/group", body, headers=key) for body in bodies]
    assert [status for status, _, _ in responses] == [200, 200, 422], responses
    assert responses[0][2] == responses[1][2] and responses[1][1]["Idempotency-Replayed"] == "true", responses
    api.expect(204, "DELETE", f"/api/permissions/group/{responses[0][2]['id']}")
    for key, path, expected in zip(others, ["password-reset-url", "send_invite"], [[200, 409], [200, 409]]):
        statuses = [api.send("POST", f"/api/user/1/{path}", headers=key)[0] for _ in range(2)]
        assert statuses == expected, f"{path}: {statuses}"
    status, headers, _ = api.send("GET", "/api/user/1")
    tag = {"If-Match": headers["ETag"]}
    updates = [api.send("PUT", "/api/user/1", {"locale": "en"}, headers=tag)[0] for _ in range(2)]
    assert [status, *updates] == [200, 200, 412], updates


def other_functions(api: Api) -> None:
    """Calls each function without a test above with its example event."""
    files = (Path(__file__).parent.parent / "events").glob("*.json")
    events = [json.loads(file.read_text().replace("SESSION", api.session)) for file in sorted(files)]
    used = {route(request, [event["routeKey"] for event in events]) for request in api.used}
    for event in (event for event in events if event["routeKey"] not in used):
        method, path = event["routeKey"].split()[0], f"{event['rawPath']}?{event['rawQueryString']}"
        body = json.loads(event["body"]) if event.get("body") else None
        status, _, response = api.send(method, path, body)
        assert status < 500, f"{method} {path}: {status} {response}"


def route(request: str, routes: list[str]) -> str | None:
    """The route of a request: the matching one with the fewest parameters."""
    matching = (one for one in routes if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), request))
    return min(matching, key=lambda one: one.count("{"), default=None)


def log_out(api: Api) -> None:
    other = log_in(api, ADMIN)
    api.expect(204, "DELETE", "/api/session", session=other)
    api.expect(401, "GET", "/api/user/current", session=other)
    api.expect(404, "DELETE", "/api/session", session=other)
    api.expect(200, "GET", "/api/user/current")


def trailing_slashes(api: Api) -> None:
    """Calls the variant with a trailing slash of each used path."""
    for request in sorted(api.used):
        method, path = request.split()
        if path not in ("/", "/api/session") and not path.startswith("/api/setup"):
            status, headers, response = api.send(method, f"{path}/")
            assert headers["Cache-Control"] == "no-store" or headers["ETag"], f"{method} {path}/: {status} {response}"
    api.expect(401, "POST", "/api/session/", {"username": "unknown", "password": "a guess"})
    api.expect(400, "POST", "/api/setup/", {"token": "a guess", "user": ADMIN})
    api.expect(204, "DELETE", "/api/session/")
    status, _, response = api.send("GET", "/api/nothing")
    assert status == 404, response
