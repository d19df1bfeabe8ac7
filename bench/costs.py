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

# Two tasks of Fargate on arm64, each with a quarter of a core and half a gigabyte, and a load balancer with its two addresses, for
# a month of 730 hours: AWS's price list as published on 2026-09-11, its load balancers as read on 2026-09-20.
CONTAINERS = 730 * (2 * (0.25 * 0.03238 + 0.5 * 0.00356) + 0.0225 + 2 * 0.005)


def tiers(*steps: tuple[float, float]):
    """A price for so many people: each step is how far it goes, and what one costs on it."""

    def price(people: int) -> float:
        dollars, below = 0.0, 0
        for most, each in steps:
            dollars += max(0, min(people, most) - below) * each
            below = most
        return dollars

    return price


ENDLESS = float("inf")
# What others ask for so many active people in a month, free allowance and all: the vendors' own pages (aws.amazon.com/cognito/pricing,
# auth0.com/pricing, clerk.com/pricing, workos.com/pricing) as transcribed on 2026-09-20, WorkOS's on 2026-05-22, in the API
# Evangelist's repositories of their names, plans/*-plans-pricing.yml. Auth0 sells steps, all of which came to 0.07 for each
# where they were found, and ends its list at 50,000.
OTHERS = {
    "Cognito Lite": tiers((10_000, 0), (100_000, 0.0055), (ENDLESS, 0.0046)),
    "Cognito Essentials": tiers((10_000, 0), (ENDLESS, 0.015)),
    "Cognito Plus": tiers((ENDLESS, 0.02)),
    "Clerk Pro": lambda people: 25 + tiers((50_000, 0), (100_000, 0.02), (ENDLESS, 0.018))(people),
    "Auth0 Free": lambda people: 0 if people <= 25_000 else None,
    "Auth0 Essentials": lambda people: 0.07 * people if people <= 50_000 else None,
    "WorkOS AuthKit": lambda people: 2_500 * -(-max(0, people - 1_000_000) // 1_000_000),
}


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
