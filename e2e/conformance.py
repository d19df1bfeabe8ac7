"""Runs Schemathesis against the service in one of its dialects. `scripts/openapi` runs it."""

import json
import os
import subprocess
import sys

import requests

import service

DOCUMENTS = {"documented": "openapi.json", "metabase": "openapi-metabase.json"}
PASSWORD = "unc0mmon pw"
# As many as may be ended on the way, of several accounts, any of which may lose its rights.
ADMINISTRATORS, SESSIONS = 8, 40


def main(dialect: str, schemathesis: str, *options: str) -> None:
    with service.running(dialect) as users:
        sessions = [session for number in range(ADMINISTRATORS) for session in administrator(users, number)]
        variables = {"SERVICE_URL": users.url, "SERVICE_SESSIONS": json.dumps(sessions)}
        command = [schemathesis, "--config-file", "e2e/schemathesis.toml", "run", DOCUMENTS[dialect]]
        done = subprocess.run(
            [*command, "--url", users.url, "--no-color", *options], cwd=service.ROOT, env=os.environ | variables, check=False
        )
        assert requests.get(f"{users.url}/api/health", timeout=30).ok, "the service is not well"
        sys.exit(done.returncode)


def administrator(users: service.Service, number: int) -> list[str]:
    """Sessions of a new administrator."""
    body = {
        "email": f"administrator-{number}@example.com",
        "first_name": "Grace",
        "last_name": f"Number {number}",
        "password": PASSWORD,
        "group_ids": [1, 2],
    }
    headers = {"X-Metabase-Session": users.session}
    requests.post(f"{users.url}/api/user", json=body, headers=headers, timeout=30).raise_for_status()
    credentials = {"username": body["email"], "password": PASSWORD}
    answers = (requests.post(f"{users.url}/api/session", json=credentials, timeout=30) for _ in range(SESSIONS))
    return [answer.json()["id"] for answer in answers]


if __name__ == "__main__":
    main(*sys.argv[1:])
