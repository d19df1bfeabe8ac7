"""MiniStack, an emulator of AWS, with the one condition key that it does not know.

IAM evaluates `dynamodb:LeadingKeys`, the partition keys that a request names, for each request to DynamoDB and for each
leg of a transaction. MiniStack evaluates conditions but is not told this key, and a condition on what is not there holds.
Here it is told. Its own evaluator decides.

Run as a program, this is the emulator; https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
"""

import json
import re

from ministack import app
from ministack.core import iam_actions, iam_evaluator

LEADING_KEYS = "dynamodb:LeadingKeys"
PARTITION_KEY = "pk"


class Leg(str):
    """The ARN of a leg's table, with the partition key that the leg names."""

    leading_keys: list[str]

    @classmethod
    def of(cls, arn: str, leg: dict) -> "Leg":
        """A leg has one member, and that member a key or a whole item."""
        (detail,) = leg.values()
        made = cls(arn)
        made.leading_keys = partition_keys([detail.get("Key") or detail["Item"]])
        return made


def partition_keys(items: list[dict]) -> list[str]:
    """The texts of the partition keys."""
    return [item[PARTITION_KEY]["S"] for item in items]


def leading_keys(request: dict) -> list[str]:
    """The partition keys that a request names, of a query the one that it asks for."""
    if "RequestItems" in request:
        tables = request["RequestItems"].values()
        return [key for table in tables if "Keys" in table for key in partition_keys(table["Keys"])]
    if "KeyConditionExpression" in request:
        name = re.search(r"=\s*(:\w+)", request["KeyConditionExpression"])[1]
        return [request["ExpressionAttributeValues"][name]["S"]]
    item = request.get("Key") or request.get("Item")
    return partition_keys([item]) if item else []


def tell_leading_keys() -> None:
    """Adds the key to what the emulator knows of a request."""
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
        legs = json.loads(body)["TransactItems"] if found else []
        return [(name, Leg.of(arn, leg)) for (name, arn), leg in zip(found, legs, strict=True)]

    def enforce_with_keys(*request, resource_arn: str = "*", service_context: dict | None = None, **rest):
        if isinstance(resource_arn, Leg):
            service_context = (service_context or {}) | {LEADING_KEYS: resource_arn.leading_keys}
        return enforce(*request, resource_arn=resource_arn, service_context=service_context, **rest)

    iam_actions.dynamodb_service_context = context_with_keys
    iam_actions.dynamodb_transaction_checks = checks_with_keys
    iam_evaluator.enforce = enforce_with_keys


if __name__ == "__main__":
    tell_leading_keys()
    app.main()
