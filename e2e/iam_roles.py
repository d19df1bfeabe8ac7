"""Negative IAM tests: the role of each function cannot do more than its policy grants."""

import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

INDEX = "users-by-name"
# A partition key of each kind of item, and an unknown one.
KEYS = [
    "ADMINS",
    "IDEMPOTENCY#key",
    "AUDIT#2026-01-01#00",
    "COUNTER#user",
    "APIKEYNAME#nightly sync",
    "APIKEYS",
    "COUNTER#group",
    "DEVICE#0000000000000000001",
    "EMAIL#0000000000000000001",
    "GROUP#0000000000000000003",
    "GROUPNAME#analysts",
    "GROUPS",
    "INSTANCE",
    "KEYHASH#0000000000000000002",
    "LOGIN#ada@example.com",
    "OTHER",
    "RESET#0000000000000000001",
    "SESSION#0000000000000000001",
    "TALLY#00",
    "THROTTLE#SOURCE#192.0.2.1",
    "USER#0000000000000000001",
]
PARTITIONS = ["USERS#active", "USERS#inactive", "OTHER"]
# The item with the password hash. Only these functions may read it.
CREDENTIALS = "LOGIN#ada@example.com"
MAY_READ_CREDENTIALS = {
    "anonymize-user",
    "confirm-email",
    "create-user",
    "deactivate-user",
    "forgot-password",
    "list-users",
    "login",
    "reactivate-user",
    "release-rate-limits",
    "reset-password",
    "revert-email",
    "revoke-sessions",
    "setup",
    "update-password",
    "update-user",
}
FALSE_CONDITION = {"ConditionExpression": "attribute_exists(never)"}


def run(aws, stack: str, table: str, functions: list[str]) -> int:
    """Tries every request with every role and returns the number of denied requests."""
    denied = 0
    for function in functions:
        role = role_of(aws, f"{stack}-{function}")
        granted = grants(aws("iam"), role)
        attempts = all_attempts(as_role(aws, role), table)
        for (action, key), attempt in attempts.items():
            allowed = is_allowed(attempt)
            expected = any(action == name and covers(pattern, key) for name, pattern in granted)
            assert allowed == expected, f"{function}: {action} {key} is {'allowed' if allowed else 'denied'}"
            denied += not allowed
        reads_credentials = is_allowed(attempts["dynamodb:BatchGetItem", CREDENTIALS])
        assert not reads_credentials or function in MAY_READ_CREDENTIALS, f"{function} reads password hashes"
    return denied


def role_of(aws, function: str) -> str:
    arn = aws("lambda").get_function(FunctionName=function)["Configuration"]["Role"]
    return arn.rpartition("/")[2]


def grants(iam, role: str) -> set[tuple[str, str]]:
    """Granted pairs of an action and a key pattern. The action of an index ends with its name."""
    found = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        for statement in filter(is_for_table, document["Statement"]):
            patterns = statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            _, _, index = str(statement["Resource"]).partition("/index/")
            action = f"{statement['Action']} {index}".strip()
            found.update((action, pattern) for pattern in patterns)
    return found


def is_for_table(statement: dict) -> bool:
    return statement["Action"].startswith("dynamodb:")


def covers(pattern: str, key: str) -> bool:
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern


def as_role(aws, role: str):
    """A DynamoDB client with the credentials of a role.

    Changes the trust policy for a moment, so the test may assume the role.
    """
    iam = aws("iam")
    trust = iam.get_role(RoleName=role)["Role"]
    tester = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [tester]}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(policy))
    credentials = aws("sts").assume_role(RoleArn=trust["Arn"], RoleSessionName="test")["Credentials"]
    original = trust["AssumeRolePolicyDocument"]
    original = original if isinstance(original, str) else json.dumps(original)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=original)
    return boto3.client(
        "dynamodb",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def all_attempts(dynamodb, table: str) -> dict:
    """Requests by action and key. The condition of a write is always false."""
    attempts = {}
    for key in KEYS:
        item = {"pk": {"S": key}, "sk": {"S": "never"}}
        target = {"TableName": table, "Key": item}
        attempts |= {
            ("dynamodb:GetItem", key): lambda target=target: dynamodb.get_item(**target),
            ("dynamodb:BatchGetItem", key): lambda item=item: dynamodb.batch_get_item(
                RequestItems={table: {"Keys": [item]}}
            ),
            ("dynamodb:BatchWriteItem", key): lambda item=item: dynamodb.batch_write_item(
                RequestItems={table: [{"DeleteRequest": {"Key": item}}]}
            ),
            ("dynamodb:PutItem", key): lambda item=item: dynamodb.put_item(TableName=table, Item=item, **FALSE_CONDITION),
            ("dynamodb:UpdateItem", key): lambda target=target: dynamodb.update_item(**target, **FALSE_CONDITION),
            ("dynamodb:DeleteItem", key): lambda target=target: dynamodb.delete_item(**target, **FALSE_CONDITION),
            ("dynamodb:ConditionCheckItem", key): lambda target=target: dynamodb.transact_write_items(
                TransactItems=[{"ConditionCheck": target | FALSE_CONDITION}]
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
    """Whether IAM allows a request. The request may fail for another reason."""
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True
