"""Authentication and an additional check for Schemathesis, see `e2e/schemathesis.toml`."""

import json
import os
import re
import threading

import requests
import schemathesis

URL = os.environ["SERVICE_URL"]
# Sessions of administrators. The generated requests revoke some, and deactivate or demote some
# users.
SESSIONS = json.loads(os.environ["SERVICE_SESSIONS"])
HEADER = "X-Metabase-Session"
LOCK = threading.Lock()
# Names of examples for requests that do not match the schema.
INVALID_REQUEST = {"invalid", "malformed", "not-an-object", "too-large", "not-json", "id-not-a-number", "id-out-of-range"}


def is_administrator(session: str) -> bool:
    response = requests.get(f"{URL}/api/user/current", headers={HEADER: session}, timeout=30)
    return response.ok and response.json()["is_superuser"]


@schemathesis.auth(refresh_interval=None)
class Administrator:
    """The first valid session of an administrator."""

    def get(self, case, context):
        with LOCK:
            while not is_administrator(SESSIONS[0]):
                del SESSIONS[0]
            return SESSIONS[0]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers[HEADER] = data


# Default-ignorable characters that the patterns of names cannot exclude: without the flag `u`, a
# regular expression has no characters beyond the basic plane.
INVISIBLE = re.compile("[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]")


def without_numbers(body) -> str:
    return re.sub(r"\d+", "N", json.dumps(body, sort_keys=True))


def documented_errors(case, response):
    """Documented examples of rule violations with the status of the response."""
    documented = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    for content in documented.get("content", {}).values():
        for name, example in content.get("examples", {}).items():
            if name not in INVALID_REQUEST:
                yield without_numbers(example["value"])


@schemathesis.check
def documented_rule_violation(ctx, response, case) -> None:
    """Requires a documented error if a request matches the schema and is rejected."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 402):
        return
    if INVISIBLE.search(json.dumps(case.body, ensure_ascii=False, default=str)):
        return
    is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
    body = response.json() if is_json else response.text
    assert without_numbers(body) in set(documented_errors(case, response)), f"not documented: {body}"
