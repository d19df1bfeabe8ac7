"""Who calls when Schemathesis does, and what it checks besides. `e2e/schemathesis.toml` names this file."""

import json
import os
import re
import threading

import requests
import schemathesis

URL = os.environ["SERVICE_URL"]
# Sessions of administrators: some are logged out, deactivated or demoted on the way.
SESSIONS = json.loads(os.environ["SERVICE_SESSIONS"])
HEADER = "X-Metabase-Session"
LOCK = threading.Lock()
# What is shown for a request that is not as described.
SHAPE = {"invalid", "malformed", "not-an-object", "too-large", "not-json", "id-not-a-number", "id-out-of-range"}


def is_administrator(session: str) -> bool:
    answer = requests.get(f"{URL}/api/user/current", headers={HEADER: session}, timeout=30)
    return answer.ok and answer.json()["is_superuser"]


@schemathesis.auth(refresh_interval=None)
class Administrator:
    """The first session that is still one of an administrator."""

    def get(self, case, context):
        with LOCK:
            while not is_administrator(SESSIONS[0]):
                del SESSIONS[0]
            return SESSIONS[0]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers[HEADER] = data


def without_numbers(body) -> str:
    return re.sub(r"\d+", "N", json.dumps(body, sort_keys=True))


def shown(case, response):
    """The refusals by a rule that the description of an operation shows for a status."""
    told = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    for content in told.get("content", {}).values():
        for name, example in content.get("examples", {}).items():
            if name not in SHAPE:
                yield without_numbers(example["value"])


@schemathesis.check
def refused_by_a_rule(ctx, response, case) -> None:
    """A request that is as described is refused only by a rule that the description shows."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 402):
        return
    is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
    body = response.json() if is_json else response.text
    assert without_numbers(body) in set(shown(case, response)), f"no rule that is shown: {body}"
