"""Runs Schemathesis against the service in one dialect. `scripts/test-openapi` runs it."""

import json
import os
import subprocess
import sys

import requests

import service

DOCUMENTS = {"documented": "openapi.json", "metabase": "openapi-metabase.json"}
PASSWORD = "unc0mmon pw"
# Schemathesis revokes sessions and demotes administrators, so it starts with many of both.
ADMINISTRATORS, SESSIONS = 8, 40


def main(dialect: str, schemathesis: str, *options: str) -> None:
    with service.running(dialect) as users:
        sessions = [session for number in range(ADMINISTRATORS) for session in administrator(users, number)]
        variables = {"SERVICE_URL": users.url, "SERVICE_SESSIONS": json.dumps(sessions)}
        command = [schemathesis, "--config-file", "e2e/schemathesis.toml", "run", DOCUMENTS[dialect]]
        done = subprocess.run(
            [*command, "--url", users.url, "--no-color", *options], cwd=service.ROOT, env=os.environ | variables, check=False
        )
        assert requests.get(f"{users.url}/api/health", timeout=30).ok, "GET /api/health fails after the run"
        sys.exit(done.returncode)


def administrator(users: service.Service, number: int) -> list[str]:
    """Creates an administrator and returns session tokens."""
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
    logins = (requests.post(f"{users.url}/api/session", json=credentials, timeout=30) for _ in range(SESSIONS))
    return [login.json()["id"] for login in logins]


if __name__ == "__main__":
    main(*sys.argv[1:])
