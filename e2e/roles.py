"""The negative half: with each function's own role, whatever its policy does not grant is refused."""

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

INDEX = "users-by-name"
# Partition keys as the table has them, and one that it never has.
KEYS = [
    "ADMINS",
    "IDEMPOTENCY#key",
    "AUDIT#2026-01-01#00",
    "COUNTER#user",
    "APIKEYNAME#nightly sync",
    "APIKEYS",
    "COUNTER#group",
    "GROUP#0000000000000000003",
    "GROUPNAME#analysts",
    "GROUPS",
    "INSTANCE",
    "LOGIN#ada@example.com",
    "OTHER",
    "TALLY#00",
    "THROTTLE#SOURCE#192.0.2.1",
    "USER#0000000000000000001",
]
PARTITIONS = ["USERS#active", "USERS#inactive", "OTHER"]
# What a function without a reason may not even read.
HASHES = "LOGIN#ada@example.com"
NEEDS_CREDENTIALS = {
    "anonymize-user", "create-user", "deactivate-user", "revoke-sessions", "forgot-password", "login", "reactivate-user",
    "reset-password", "setup",
    "update-password", "update-user",
}
NEVER = {"ConditionExpression": "attribute_exists(never)"}


def run(aws, stack: str, table: str, functions: list[str]) -> int:
    """Tries everything with every role; returns how much was refused."""
    refused = 0
    for function in functions:
        role = role_of(aws, f"{stack}-{function}")
        granted = grants(aws("iam"), role)
        attempts = all_attempts(as_role(aws, role), table)
        for (action, key), attempt in attempts.items():
            allowed = is_allowed(attempt)
            expected = any(action == name and covers(pattern, key) for name, pattern in granted)
            assert allowed == expected, f"{function}: {action} {key} is {'allowed' if allowed else 'refused'}"
            refused += not allowed
        reads_hashes = is_allowed(attempts["dynamodb:BatchGetItem", HASHES])
        assert not reads_hashes or function in NEEDS_CREDENTIALS, f"{function} reads hashes"
    return refused


def role_of(aws, function: str) -> str:
    arn = aws("lambda").get_function(FunctionName=function)["Configuration"]["Role"]
    return arn.rpartition("/")[2]


def grants(iam, role: str) -> set[tuple[str, str]]:
    """Actions, with the index if it is one that they are for, and patterns of keys, from the role as it was deployed."""
    found = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        for statement in filter(is_of_table, document["Statement"]):
            patterns = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            _, _, index = str(statement["Resource"]).partition("/index/")
            action = f"{statement['Action']} {index}".strip()
            found.update((action, pattern) for pattern in patterns)
    return found


def is_of_table(statement: dict) -> bool:
    return statement["Action"].startswith("dynamodb:")


def covers(pattern: str, key: str) -> bool:
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern


def as_role(aws, role: str):
    """DynamoDB for whoever has the role; that this test may take it on is not in the template."""
    iam = aws("iam")
    trust = iam.get_role(RoleName=role)["Role"]
    tester = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [tester]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(policy))
    taken = aws("sts").assume_role(RoleArn=trust["Arn"], RoleSessionName="test")["Credentials"]
    original = trust["AssumeRolePolicyDocument"]
    original = original if isinstance(original, str) else json.dumps(original)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=original)
    return boto3.client(
        "dynamodb",
        aws_access_key_id=taken["AccessKeyId"],
        aws_secret_access_key=taken["SecretAccessKey"],
        aws_session_token=taken["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def all_attempts(dynamodb, table: str) -> dict:
    """Requests by action and key. Writes have a condition that never holds."""
    attempts = {}
    for key in KEYS:
        item = {"pk": {"S": key}, "sk": {"S": "never"}}
        on = {"TableName": table, "Key": item}
        attempts |= {
            ("dynamodb:GetItem", key): lambda on=on: dynamodb.get_item(**on),
            ("dynamodb:BatchGetItem", key): lambda item=item: dynamodb.batch_get_item(
                RequestItems={table: {"Keys": [item]}}
            ),
            ("dynamodb:BatchWriteItem", key): lambda item=item: dynamodb.batch_write_item(
                RequestItems={table: [{"DeleteRequest": {"Key": item}}]}
            ),
            ("dynamodb:PutItem", key): lambda item=item: dynamodb.put_item(TableName=table, Item=item, **NEVER),
            ("dynamodb:UpdateItem", key): lambda on=on: dynamodb.update_item(**on, **NEVER),
            ("dynamodb:DeleteItem", key): lambda on=on: dynamodb.delete_item(**on, **NEVER),
            ("dynamodb:ConditionCheckItem", key): lambda on=on: dynamodb.transact_write_items(
                TransactItems=[{"ConditionCheck": on | NEVER}]
            ),
            ("dynamodb:Query", key): lambda key=key: dynamodb.query(
                TableName=table,
                KeyConditionExpression="pk = :key",
                ExpressionAttributeValues={":key": {"S": key}},
            ),
        }
    for partition in PARTITIONS:
        attempts[f"dynamodb:Query {INDEX}", partition] = lambda partition=partition: dynamodb.query(
            TableName=table,
            IndexName=INDEX,
            KeyConditionExpression="list_pk = :partition",
            ExpressionAttributeValues={":partition": {"S": partition}},
        )
    for key in KEYS:
        attempts["dynamodb:Query", key] = lambda key=key: dynamodb.query(
            TableName=table, KeyConditionExpression="pk = :key", ExpressionAttributeValues={":key": {"S": key}}
        )
    return attempts | {
        ("dynamodb:Scan", "the table"): lambda: dynamodb.scan(TableName=table),
        ("dynamodb:Scan", "the index"): lambda: dynamodb.scan(TableName=table, IndexName=INDEX),
        ("dynamodb:DescribeTable", "the table"): lambda: dynamodb.describe_table(TableName=table),
        ("dynamodb:UpdateTable", "the table"): lambda: dynamodb.update_table(
            TableName=table, BillingMode="PAY_PER_REQUEST"
        ),
        ("dynamodb:ListTables", "all"): lambda: dynamodb.list_tables(),
        ("dynamodb:DeleteTable", "the table"): lambda: dynamodb.delete_table(TableName=table),
    }


def is_allowed(attempt) -> bool:
    """Whether IAM lets a request pass, whatever becomes of it."""
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True
