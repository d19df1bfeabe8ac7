"""Dollars per million requests to each route, at list price, from measured units, memory and time.

Prices are in US dollars for us-east-1 and arm64, without free tiers. They change, so check them.
"""

from pathlib import Path

from build import ROOT

GATEWAY = 1.00  # per million requests to an HTTP API
INVOCATION = 0.20  # per million requests to Lambda
GIGABYTE_SECOND = 0.0000133334
READ_UNIT, WRITE_UNIT = 0.125 / 1e6, 0.625 / 1e6
LOGS = 0.50  # per gigabyte
LOG_BYTES = 1235  # per request: the lines of the function and the gateway
FULL_CORE = 1769  # megabytes of memory for one full core
DYNAMODB_MS = 4.0  # one DynamoDB round trip, assumed

# Requests of one active user per month.
LOGINS, READS = 20, 1000

# Two Fargate tasks on arm64, each with a quarter of a core and half a gigabyte, and a load balancer
# with its two addresses, for a month of 730 hours. Prices are from AWS's price list of 2026-09-11,
# and for load balancers from its page of 2026-09-20.
CONTAINERS = 730 * (2 * (0.25 * 0.03238 + 0.5 * 0.00356) + 0.0225 + 2 * 0.005)


def tiers(*steps: tuple[float, float]):
    """A price by number of users. Each step is its upper bound and its price per user."""

    def price(users: int) -> float:
        dollars, below = 0.0, 0
        for most, each in steps:
            dollars += max(0, min(users, most) - below) * each
            below = most
        return dollars

    return price


UNLIMITED = float("inf")
# Monthly prices of hosted services by active users, including free tiers. The sources are the
# vendors' pages (aws.amazon.com/cognito/pricing, auth0.com/pricing, clerk.com/pricing,
# workos.com/pricing) as transcribed on 2026-09-20, and on 2026-05-22 for WorkOS. The transcriptions
# are in the API Evangelist's repositories of these names, plans/*-plans-pricing.yml. Auth0 sells
# steps, each at 0.07 per user where found, and its list ends at 50,000.
OTHERS = {
    "Cognito Lite": tiers((10_000, 0), (100_000, 0.0055), (UNLIMITED, 0.0046)),
    "Cognito Essentials": tiers((10_000, 0), (UNLIMITED, 0.015)),
    "Cognito Plus": tiers((UNLIMITED, 0.02)),
    "Clerk Pro": lambda users: 25 + tiers((50_000, 0), (100_000, 0.02), (UNLIMITED, 0.018))(users),
    "Auth0 Free": lambda users: 0 if users <= 25_000 else None,
    "Auth0 Essentials": lambda users: 0.07 * users if users <= 50_000 else None,
    "WorkOS AuthKit": lambda users: 2_500 * -(-max(0, users - 1_000_000) // 1_000_000),
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
    """The price of a million requests, and its parts."""
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


def of_user(login: float, read: float) -> float:
    """The price of an active user per month, from the prices per million logins and reads."""
    return (LOGINS * login + READS * read) / 1e6
