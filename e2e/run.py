"""Deploys the template to an emulator and uses what it made. `scripts/e2e` runs it."""

import json
import os
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
import gaps
import roles

ROOT = Path(__file__).parent.parent
STACK = "users-dev"
SECRET = f"{STACK}/setup-token"
PARAMETERS = [f"SetupTokenSecret={SECRET}", "Architecture=x86_64"]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder)) as port:
        refuse_without_parameters()
        deploy(*PARAMETERS)
        outputs = described()
        routes = gaps.fill(boto3.client, STACK, outputs)
        check_table(outputs["TableName"])
        check_api(outputs, port)
        check_logs(outputs, routes)
        check_roles(outputs["TableName"])
        tear_down(outputs["TableName"])


def say(text: str) -> None:
    print(f"e2e: {text}", flush=True)


@contextmanager
def emulator(folder: Path):
    """The emulator on a free port, with IAM enforced; the environment of this process points to it."""
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
    # The emulator hands its AWS_ENDPOINT_URL to the functions.
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
    raise TimeoutError("the emulator does not answer")


def sam_deploy(*parameters: str) -> subprocess.CompletedProcess:
    """The command of operators; parameters replace those of samconfig.toml."""
    overrides = ["--parameter-overrides", *parameters] if parameters else []
    command = [ROOT / "scripts/deploy", "dev", "--no-progressbar", *overrides]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def refuse_without_parameters() -> None:
    """A deployment that lacks what it needs says so, and makes nothing."""
    for parameters, message in [
        (["Architecture=x86_64"], "SetupTokenSecret"),
        (["SetupTokenSecret=!"], "must be the name or the ARN of a secret in Secrets Manager"),
    ]:
        refused = sam_deploy(*parameters)
        told = refused.stdout + refused.stderr
        assert refused.returncode != 0 and message in told, told
    say("a deployment without its parameters is refused")


def deploy(*parameters: str) -> None:
    done = sam_deploy(*parameters)
    assert done.returncode == 0, done.stdout + done.stderr
    say("deployed")


def described() -> dict[str, str]:
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def check_table(table: str) -> None:
    """What the template says of the table is so."""
    dynamodb = boto3.client("dynamodb")
    told = dynamodb.describe_table(TableName=table)["Table"]
    assert told["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST", told
    assert told["DeletionProtectionEnabled"] is True, told
    assert [index["IndexName"] for index in told["GlobalSecondaryIndexes"]] == ["users-by-name"], told
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
    say(f"every route answered, in {time.monotonic() - began:.1f} s")


def check_logs(outputs: dict[str, str], routes: set[str]) -> None:
    """Every route's requests were told of, and nothing secret."""
    logs, group = boto3.client("logs"), outputs["FunctionLogGroup"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    requests = [json.loads(line) for line in messages if '"_aws"' in line]
    told = {request["route"] for request in requests}
    assert told == routes, sorted(told ^ routes)
    assert all(request["Service"] == STACK for request in requests)
    for secret in [api.ADMIN["password"], api.JANE["password"], "argon2id"]:
        assert not any(secret in message for message in messages), "a secret is in the log"
    say(f"{len(requests)} requests are in the log")


def function_names() -> list[str]:
    functions = boto3.client("lambda").list_functions()["Functions"]
    names = (function["FunctionName"] for function in functions)
    return [name.removeprefix(f"{STACK}-") for name in names if name.startswith(f"{STACK}-")]


def check_roles(table: str) -> None:
    refused = roles.run(boto3.client, STACK, table, function_names())
    say(f"{refused} requests were refused to roles that have no right to them")


def tear_down(table: str) -> None:
    """The stack goes and the table stays, protected."""
    cloudformation, dynamodb = boto3.client("cloudformation"), boto3.client("dynamodb")
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert function_names() == []
    try:
        dynamodb.delete_table(TableName=table)
        raise AssertionError("a protected table was deleted")
    except ClientError as error:
        assert "protect" in str(error), error
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    say("torn down")


if __name__ == "__main__":
    main()
