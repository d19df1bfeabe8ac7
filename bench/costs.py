"""Dollars for a million requests to each route, at list price, from units, memory and time that were measured.

Prices are those of us-east-1 in US dollars, on arm64, without any free tier. Look them up: they change.
"""

from pathlib import Path

from build import ROOT

GATEWAY = 1.00  # a million requests to an HTTP API
INVOCATION = 0.20  # a million requests to Lambda
GIGABYTE_SECOND = 0.0000133334
READ_UNIT, WRITE_UNIT = 0.125 / 1e6, 0.625 / 1e6
LOGS = 0.50  # a gigabyte
LOG_BYTES = 1100  # of a request: ours and the gateway's line
FULL_CORE = 1769  # megabytes with which a function has one core
DYNAMODB_MS = 4.0  # one request to DynamoDB and back, assumed

# What one active person does in a month.
LOGINS, READS = 20, 1000
# What others ask for an active person, beyond what is free.
A_PERSON = {"Cognito Lite": 0.0055, "Cognito Essentials": 0.015, "Auth0 Essentials (35 for 500)": 0.07}
# Two tasks of Fargate on arm64, each with a quarter of a core and half a gigabyte, and a load balancer, for a month of 730 hours.
CONTAINERS = 730 * (2 * (0.25 * 0.03238 + 0.5 * 0.00356) + 0.0225)


def budgets() -> dict[str, dict]:
    """The rows of docs/budgets.md by route."""
    rows = {}
    for line in (ROOT / "docs/budgets.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 9 and cells[1].isdigit():
            names = ["requests", "read_units", "write_units", "sent", "received", "allocations", "allocated"]
            rows[cells[0]] = dict(zip(names, map(float, cells[2:])))
    return rows


def of_route(budget: dict, function: dict) -> dict:
    """What a million requests cost, and the parts of it."""
    memory = function["memory_mb"]
    share = min(1.0, memory / FULL_CORE)
    billed = function["warm_cpu_ms"] / share + budget["requests"] * DYNAMODB_MS
    parts = {
        "gateway": GATEWAY,
        "lambda": INVOCATION + memory / 1024 * billed / 1000 * GIGABYTE_SECOND * 1e6,
        "reads": budget["read_units"] * READ_UNIT * 1e6,
        "writes": budget["write_units"] * WRITE_UNIT * 1e6,
        "logs": LOG_BYTES * 1e6 / 1e9 * LOGS,
    }
    return {"memory": memory, "billed": billed, "parts": parts, "total": sum(parts.values())}


def of_person(login: float, read: float) -> float:
    """What an active person costs in a month, from the dollars for a million of each."""
    return (LOGINS * login + READS * read) / 1e6
