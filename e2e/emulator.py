"""Starts MiniStack, an AWS emulator, with the IAM condition keys `dynamodb:LeadingKeys`,
`iam:PermissionsBoundary` and `iam:PolicyARN`, and with the duration of initializations in the reports
of functions.

IAM fills this key with the partition keys of a request, or of a transaction item. MiniStack does not
set it, and a condition on a missing key is true. This module sets it. MiniStack's own evaluator decides.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

import json
import re
import time
from pathlib import Path
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import iam

import emulator_resources

LEADING_KEYS = "dynamodb:LeadingKeys"
PARTITION_KEY = "pk"


class TransactionItemArn(str):
    """The table ARN of a transaction item, with the partition key of the item."""

    leading_keys: list[str]

    @classmethod
    def of(cls, arn: str, item: dict) -> "TransactionItemArn":
        """Reads the key from the single action of a transaction item."""
        (action,) = item.values()
        new = cls(arn)
        new.leading_keys = partition_keys([action.get("Key") or action["Item"]])
        return new


def partition_keys(items: list[dict]) -> list[str]:
    """Partition keys as strings."""
    return [item[PARTITION_KEY]["S"] for item in items]


def leading_keys(request: dict) -> list[str]:
    """Partition keys of a request. A query has one, in its key condition."""
    if "RequestItems" in request:
        tables = request["RequestItems"].values()
        return [key for table in tables if "Keys" in table for key in partition_keys(table["Keys"])]
    if "KeyConditionExpression" in request:
        name = re.search(r"=\s*(:\w+)", request["KeyConditionExpression"])[1]
        return [request["ExpressionAttributeValues"][name]["S"]]
    item = request.get("Key") or request.get("Item")
    return partition_keys([item]) if item else []


def add_leading_keys() -> None:
    """Adds the condition key to the IAM context of each request."""
    context, checks, enforce = (
        iam_actions.dynamodb_service_context,
        iam_actions.dynamodb_transaction_checks,
        iam_evaluator.enforce,
    )

    def context_with_keys(body: bytes) -> dict:
        keys = leading_keys(json.loads(body or b"{}"))
        return context(body) | ({LEADING_KEYS: keys} if keys else {})

    def checks_with_keys(action: str, body: bytes, *where: str) -> list[tuple[str, str]]:
        found = checks(action, body, *where)
        items = json.loads(body)["TransactItems"] if found else []
        return [(name, TransactionItemArn.of(arn, item)) for (name, arn), item in zip(found, items, strict=True)]

    def enforce_with_keys(*request, resource_arn: str = "*", service_context: dict | None = None, **rest):
        if isinstance(resource_arn, TransactionItemArn):
            service_context = (service_context or {}) | {LEADING_KEYS: resource_arn.leading_keys}
        return enforce(*request, resource_arn=resource_arn, service_context=service_context, **rest)

    iam_actions.dynamodb_service_context = context_with_keys
    iam_actions.dynamodb_transaction_checks = checks_with_keys
    iam_evaluator.enforce = enforce_with_keys


def add_role_keys() -> None:
    """Adds the condition keys of requests for roles: the boundary of a new or existing role, and the
    attached policy.
    """
    context = iam_actions.request_tag_context

    def context_with_roles(service: str, action: str, body: bytes, params: dict) -> dict:
        found = context(service, action, body, params)
        if service != "iam":
            return found
        given = {name: values[0] for name, values in parse_qs((body or b"").decode()).items()}
        is_new = action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
        role = given if is_new else iam._roles.get(given.get("RoleName")) or {}
        keys = {"iam:PermissionsBoundary": role.get("PermissionsBoundary"), "iam:PolicyARN": given.get("PolicyArn")}
        return found | {name: value for name, value in keys.items() if value}

    iam_actions.request_tag_context = context_with_roles


def add_reports() -> None:
    """Adds a report to the end of the log of a cold start, as Lambda does. The log of an invocation
    with `LogType=Tail` then contains it. An initialization lasts until the first poll for an event.
    """
    worker = lambda_runtime.ProvidedWorker
    spawn, mark, invoke = worker._spawn, worker._mark_first_poll, worker.invoke

    def timed_spawn(self, *arguments, **rest):
        self.spawned, self.polled = time.monotonic(), None
        return spawn(self, *arguments, **rest)

    def timed_mark(self, generation):
        self.polled = self.polled or time.monotonic()
        return mark(self, generation)

    def reporting_invoke(self, event, request_id, **rest):
        began = time.monotonic()
        result = invoke(self, event, request_id, **rest)
        if result.get("cold_start") and self.polled:
            init = 1000 * (self.polled - self.spawned)
            duration = 1000 * (time.monotonic() - max(began, self.polled))
            result["log"] = f"{result.get('log', '').rstrip()}\n{report(self, request_id, duration, init)}"
        return result

    worker._spawn, worker._mark_first_poll, worker.invoke = timed_spawn, timed_mark, reporting_invoke


def report(worker, request_id: str, duration: float, init: float) -> str:
    """The report of a cold start, with the peak memory of the process."""
    status = Path(f"/proc/{worker._proc.pid}/status").read_text()
    peak = int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024
    return (
        f"REPORT RequestId: {request_id}\tDuration: {duration:.2f} ms\tBilled Duration: {-(-(duration + init) // 1):.0f} ms\t"
        f"Memory Size: {worker.config.get('MemorySize', 128)} MB\tMax Memory Used: {peak:.0f} MB\tInit Duration: {init:.2f} ms"
    )


if __name__ == "__main__":
    add_leading_keys()
    emulator_resources.add()
    add_role_keys()
    add_reports()
    app.main()
