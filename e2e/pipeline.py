"""The role of docs/ci/deploy-role.yaml: a pipeline with it can deploy its stage, and nothing else.

The emulator enforces the policy for the requests of scripts/deploy and of this test, and for none of
CloudFormation's own requests. `scripts/lint-template` compares the latter with AWS's schemas.
"""

import base64
import json
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).parent.parent
STACK = "deploy-users-dev"
ISSUER = "https://token.actions.githubusercontent.com"
SUBJECT = "repo:example/users:environment:dev"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
]})


def create(aws) -> tuple[str, str]:
    """Creates the role and returns its ARN, and the ARN of the permissions boundary."""
    cloudformation = aws("cloudformation")
    # The emulator's CloudFormation has no such resource, so the role gets an existing provider.
    provider = aws("iam").create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
    template = (ROOT / "docs/ci/deploy-role.yaml").read_text()
    before, after = template.index("  Provider:\n"), template.index("  DeployRole:\n")
    values = {
        "Stage": "dev", "Repository": "example/users", "Environment": "dev",
        "OidcProviderArn": provider["OpenIDConnectProviderArn"],
    }
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=template[:before] + template[after:],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return outputs["RoleArn"], outputs["PermissionsBoundaryArn"]


def allow_plain_http(aws) -> None:
    """Removes the policy of SAM's bucket. It requires TLS, and the emulator has none."""
    (stack,) = aws("cloudformation").describe_stacks(StackName="aws-sam-cli-managed-default")["Stacks"]
    (bucket,) = (output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "SourceBucket")
    aws("s3").delete_bucket_policy(Bucket=bucket)


def token(subject: str, audience: str = "sts.amazonaws.com") -> str:
    """A token in the form of GitHub's. The emulator verifies no signature."""
    claims = {"iss": ISSUER, "aud": audience, "sub": subject}
    parts = [{"alg": "RS256", "typ": "JWT"}, claims]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def variables(role: str, folder: Path) -> dict[str, str]:
    """The environment of a job with the role, as set by GitHub's action."""
    path = folder / "token"
    path.write_text(token(SUBJECT))
    return {"AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_SESSION_NAME": "e2e"}


def check(aws, role: str, boundary: str, table: str) -> int:
    """Tries requests outside of the deployment and returns the number of denied ones."""
    sts = aws("sts")
    for subject, audience in [
        ("repo:example/users:environment:prod", "sts.amazonaws.com"),
        ("repo:example/users:ref:refs/heads/main", "sts.amazonaws.com"),
        ("repo:other/users:environment:dev", "sts.amazonaws.com"),
        (SUBJECT, "another audience"),
    ]:
        assert not is_allowed(lambda: assume(sts, role, token(subject, audience))), f"{subject} may deploy"
    credentials = assume(sts, role, token(SUBJECT))
    session = boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    as_role = lambda service: session.client(service, config=Config(retries={"total_max_attempts": 1}))
    denied = attempts(as_role, role, table, boundary)
    for label, attempt in denied.items():
        assert not is_allowed(attempt), f"the pipeline may {label}"
    iam = as_role("iam")
    # The same requests within the rules must succeed. Otherwise the denials prove nothing.
    iam.create_role(RoleName="users-dev-e2e", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary)
    iam.attach_role_policy(RoleName="users-dev-e2e", PolicyArn=BASIC)
    for label, attempt in {
        "attach another policy": lambda: iam.attach_role_policy(RoleName="users-dev-e2e", PolicyArn=ADMINISTRATOR),
        "remove a boundary": lambda: iam.delete_role_permissions_boundary(RoleName="users-dev-e2e"),
    }.items():
        assert not is_allowed(attempt), f"the pipeline may {label}"
    iam.detach_role_policy(RoleName="users-dev-e2e", PolicyArn=BASIC)
    iam.delete_role(RoleName="users-dev-e2e")
    return len(denied) + 6


def attempts(aws, role: str, table: str, boundary: str) -> dict:
    iam, own = aws("iam"), role.rpartition("/")[2]
    return {
        "create a role without a boundary": lambda: iam.create_role(RoleName="users-dev-x", AssumeRolePolicyDocument=TRUST),
        "create a role of another stage": lambda: iam.create_role(
            RoleName="users-prod-x", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=boundary
        ),
        "extend its own role": lambda: iam.attach_role_policy(RoleName=own, PolicyArn=ADMINISTRATOR),
        "change its own trust": lambda: iam.update_assume_role_policy(RoleName=own, PolicyDocument=TRUST),
        "change the boundary": lambda: iam.create_policy_version(
            PolicyArn=boundary, PolicyDocument='{"Version": "2012-10-17", "Statement": []}', SetAsDefault=True
        ),
        "create a user": lambda: iam.create_user(UserName="users-dev-x"),
        "create another stack": lambda: aws("cloudformation").create_stack(StackName="users-prod", TemplateBody="{}"),
        "delete the stack": lambda: aws("cloudformation").delete_stack(StackName="users-dev"),
        "read another secret": lambda: aws("secretsmanager").get_secret_value(SecretId="users-prod/setup-token"),
        "delete the secret": lambda: aws("secretsmanager").delete_secret(SecretId="users-dev/setup-token"),
        "read the table": lambda: aws("dynamodb").scan(TableName=table),
        "delete the table": lambda: aws("dynamodb").delete_table(TableName=table),
        "invoke a function": lambda: aws("lambda").invoke(FunctionName="users-dev-get-user", Payload="{}"),
        "change another function": lambda: aws("lambda").update_function_configuration(FunctionName="users-prod-get-user"),
        "read the logs": lambda: aws("logs").filter_log_events(logGroupName="/aws/lambda/users-dev"),
        "read another bucket": lambda: aws("s3").list_objects_v2(Bucket="another-bucket"),
    }


def assume(sts, role: str, web_token: str) -> dict:
    response = sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="e2e", WebIdentityToken=web_token)
    return response["Credentials"]


def is_allowed(attempt) -> bool:
    """Whether IAM allows a request. The request may fail for another reason."""
    try:
        attempt()
    except ClientError as error:
        return error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException")
    return True
