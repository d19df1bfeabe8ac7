"""Deploys the template to an emulator and tests the deployment at all front doors. `scripts/e2e` runs it."""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

import api
import emulator_polyfills
import front_doors
import iam_roles
import pipeline

ROOT = Path(__file__).parent.parent
STACK = "users-dev"
SECRET = f"{STACK}/setup-token"
REST_STAGE = "default"
PARAMETERS = [f"SetupTokenSecret={SECRET}", "Architecture=x86_64"]
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def main() -> None:
    check_binaries()
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as port:
        reject_invalid_parameters()
        role, boundary = create_pipeline_role()
        deploy(*PARAMETERS, variables=pipeline.variables(role, Path(folder)))
        say("deployed with the role of docs/ci.md")
        outputs = stack_outputs()
        routes = emulator_polyfills.apply(boto3.client, STACK, outputs)
        check_table(outputs["TableName"])
        check_api(outputs, port)
        check_logs(outputs, routes)
        check_roles(outputs["TableName"])
        check_pipeline_role(role, boundary, outputs["TableName"])
        check_existing_table(outputs, port)
        check_other_doors(port)
        check_rest_api(port)
        tear_down(outputs["TableName"])


def check_binaries() -> None:
    """Compares the type of each executable with functions/build.rs: 2 is a fixed address, 3 is not."""
    section = re.search(r"BEGIN GENERATED.*?END GENERATED", (ROOT / "functions/build.rs").read_text(), re.DOTALL)
    fixed = set(re.findall(r'"([a-z-]+)",', section[0]))
    for file in (ROOT / "target/lambda").glob("*/bootstrap"):
        with file.open("rb") as binary:
            kind = binary.read(17)[16]
        function = file.parent.name
        assert kind == (2 if function in fixed else 3), f"{function}: {kind}"
        limit = 6_500_000 if function in fixed else 7_200_000
        assert file.stat().st_size <= limit, f"{function}: {file.stat().st_size} bytes"
    say("each function is linked as functions/build.rs says, and is small")


def say(text: str) -> None:
    print(f"e2e: {text}", flush=True)


@contextmanager
def emulator(folder: Path):
    """Starts the emulator on a free port with IAM enforced, and sets AWS_ENDPOINT_URL to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "ARCHITECTURE": "x86_64",
    }
    # The emulator passes its AWS_ENDPOINT_URL to the functions.
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AUTH": "true", "TMPDIR": str(folder)}
    log = (folder / "emulator.log").open("w+")
    process = subprocess.Popen(
        [sys.executable, ROOT / "e2e/emulator.py"], env=os.environ | settings, stdout=log, stderr=log
    )
    try:
        await_start(process, endpoint)
        yield port
    except BaseException:
        log.seek(0)
        print(log.read()[-4000:], file=sys.stderr)
        raise
    finally:
        process.terminate()
        process.wait(30)


def await_start(process: subprocess.Popen, endpoint: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, "the emulator did not start"
            time.sleep(0.1)
    raise TimeoutError("the emulator does not respond")


def sam_deploy(*parameters: str, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Runs `scripts/deploy`. Parameters replace those of samconfig.toml, and variables the keys."""
    overrides = ["--parameter-overrides", *parameters] if parameters else []
    command = [ROOT / "scripts/deploy", "dev", "--no-progressbar", *overrides]
    environment = dict(os.environ)
    if variables:
        environment = {name: value for name, value in os.environ.items() if name not in KEYS} | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def reject_invalid_parameters() -> None:
    """A deployment with invalid parameters must fail with a message."""
    for parameters, message in [
        (["Architecture=x86_64"], "SetupTokenSecret"),
        (["SetupTokenSecret=!", "Architecture=x86_64"], "must be the name or the ARN of a secret in Secrets Manager"),
    ]:
        deployment = sam_deploy(*parameters)
        output = deployment.stdout + deployment.stderr
        assert deployment.returncode != 0 and message in output, output
    say("invalid parameters are rejected")


def create_pipeline_role() -> tuple[str, str]:
    """Creates the role of docs/ci.md. The deployments before have created SAM's bucket."""
    pipeline.allow_plain_http(boto3.client)
    return pipeline.create(boto3.client)


def deploy(*parameters: str, variables: dict[str, str] | None = None) -> None:
    done = sam_deploy(*parameters, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr


def stack_outputs() -> dict[str, str]:
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def check_table(table: str) -> None:
    """Compares the table with the template."""
    dynamodb = boto3.client("dynamodb")
    description = dynamodb.describe_table(TableName=table)["Table"]
    assert description["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST", description
    assert description["DeletionProtectionEnabled"] is True, description
    assert [index["IndexName"] for index in description["GlobalSecondaryIndexes"]] == ["users-by-name"], description
    expiry = dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}, expiry
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert recovery == "ENABLED", backups


def check_api(outputs: dict[str, str], port: int) -> None:
    token = boto3.client("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    gateway = api.Api(f"127.0.0.1:{port}", f"{outputs['ApiId']}.execute-api.localhost:{port}")
    began = time.monotonic()
    api.run(gateway, token)
    say(f"every route works; {time.monotonic() - began:.1f} s")


def check_logs(outputs: dict[str, str], routes: set[str]) -> None:
    """Requires log lines for every route, and no secret in any line."""
    logs, group = boto3.client("logs"), outputs["FunctionLogGroup"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    requests = [json.loads(line) for line in messages if '"_aws"' in line]
    logged = {request["route"] for request in requests}
    assert logged == routes, sorted(logged ^ routes)
    assert all(request["Service"] == STACK for request in requests)
    for secret in [api.ADMIN["password"], api.JANE["password"], "argon2id"]:
        assert not any(secret in message for message in messages), "the log contains a secret"
    say(f"the log contains {len(requests)} requests")


def function_names() -> list[str]:
    functions = boto3.client("lambda").list_functions()["Functions"]
    names = (function["FunctionName"] for function in functions)
    return [name.removeprefix(f"{STACK}-") for name in names if name.startswith(f"{STACK}-")]


def check_roles(table: str) -> None:
    denied = iam_roles.run(boto3.client, STACK, table, function_names())
    say(f"IAM denied {denied} requests without permission")


def check_existing_table(outputs: dict[str, str], port: int) -> None:
    """Moves the stack to a new table and back, as after a restore. Both tables must remain."""
    dynamodb, own, other = boto3.client("dynamodb"), outputs["TableName"], "users-restored"
    gateway = api.Api(f"127.0.0.1:{port}", f"{outputs['ApiId']}.execute-api.localhost:{port}")
    admin = {"username": api.ADMIN["email"], "password": api.ADMIN["password"]}
    schema = dynamodb.describe_table(TableName=own)["Table"]
    indexes = [
        {key: index[key] for key in ("IndexName", "KeySchema", "Projection")} for index in schema["GlobalSecondaryIndexes"]
    ]
    dynamodb.create_table(
        TableName=other,
        AttributeDefinitions=schema["AttributeDefinitions"],
        KeySchema=schema["KeySchema"],
        GlobalSecondaryIndexes=indexes,
        BillingMode="PAY_PER_REQUEST",
    )
    # The administrator exists in the own table only.
    for table, status in [(other, 401), (own, 200)]:
        deploy(*PARAMETERS, f"ExistingTable={table}")
        assert stack_outputs() | {"TableName": table} == stack_outputs(), stack_outputs()
        gateway.expect(200, "GET", "/api/health")
        gateway.expect(status, "POST", "/api/session", admin, session="no session")
    protected = dynamodb.describe_table(TableName=own)["Table"]["DeletionProtectionEnabled"]
    assert protected, "the table lost its deletion protection"
    dynamodb.delete_table(TableName=other)
    say("an existing table takes the place of the own one")


def check_other_doors(port: int) -> None:
    """Uses functions behind a load balancer and behind a function URL."""
    address = f"127.0.0.1:{port}"
    api.run_again(api.Api(address, front_doors.load_balancer(boto3.client, STACK)))
    health = api.Api(address, front_doors.function_url(boto3.client, f"{STACK}-health"))
    assert health.expect(200, "GET", "/api/health") == {"status": "ok"}
    for method, path in [("GET", "/api/user/current"), ("POST", "/api/health")]:
        status, _, response = health.send(method, path)
        assert status == 404, f"{method} {path}: {status} {response}"
    say("a load balancer and a function URL work")


def check_rest_api(port: int) -> None:
    """Replaces the HTTP API by the REST API. The emulator has no rules of AWS WAF, but their web ACL."""
    reject_cors()
    deploy(*PARAMETERS, "FrontDoor=rest")
    outputs = stack_outputs()
    stage = boto3.client("apigateway").get_stage(restApiId=outputs["ApiId"], stageName=REST_STAGE)
    limit = stage["methodSettings"]["/~1api~1session/POST"]["throttlingRateLimit"]
    assert limit <= stage["methodSettings"]["*/*"]["throttlingRateLimit"], stage
    arn = f"arn:aws:apigateway:us-east-1::/restapis/{outputs['ApiId']}/stages/{REST_STAGE}"
    acl = boto3.client("wafv2").get_web_acl_for_resource(ResourceArn=arn)["WebACL"]
    assert acl["ARN"] == outputs["WebAclArn"], acl
    assert [rule["Name"] for rule in acl["Rules"]] == ["rate-per-ip", "common-rules"], acl
    assert outputs["ApiUrl"].endswith(f"/{REST_STAGE}"), outputs
    host = f"{outputs['ApiId']}.execute-api.localhost:{port}"
    gateway = api.Api(f"127.0.0.1:{port}", host, f"/{REST_STAGE}")
    api.documentation(gateway)
    api.run_again(gateway)
    api.write_again(gateway)
    say("the REST API works")


def reject_cors() -> None:
    """A REST API adds no headers for CORS, so its template must reject origins."""
    values = {"ServiceName": STACK, "AccessLogArn": "none", "CorsAllowOrigins": "https://example.com"}
    parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()]
    stack = {"StackName": "cors", "Parameters": parameters, "Capabilities": ["CAPABILITY_IAM"]}
    try:
        template = (ROOT / "rest-api.yaml").read_text()
        boto3.client("cloudformation").create_stack(TemplateBody=template, **stack)
        raise AssertionError("the template accepted origins")
    except ClientError as error:
        assert "must be empty with FrontDoor=rest" in str(error), error


def check_pipeline_role(role: str, boundary: str, table: str) -> None:
    denied = pipeline.check(boto3.client, role, boundary, table)
    say(f"IAM denied {denied} requests of the pipeline outside of its stage")


def tear_down(table: str) -> None:
    """Deletes the stack. The table must remain, with deletion protection."""
    cloudformation, dynamodb = boto3.client("cloudformation"), boto3.client("dynamodb")
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert function_names() == []
    assert boto3.client("apigateway").get_rest_apis()["items"] == []
    try:
        dynamodb.delete_table(TableName=table)
        raise AssertionError("deletion protection did not protect the table")
    except ClientError as error:
        assert "protect" in str(error), error
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    say("torn down")


if __name__ == "__main__":
    main()
