"""Measures cold starts on AWS: deploys a stack of its own, starts each function again and again, and
deletes the stack. `scripts/bench cloud` runs it with the Python of SAM.
"""

import argparse
import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

import boto3
import lambda_report
from botocore.config import Config
from botocore.exceptions import ClientError
from lambda_report import percentile

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts/lib"))
from deploy import check_account, sign_in  # noqa: E402
from stage import Problem, check_name  # noqa: E402

EVENTS = ROOT / "events"
# List prices of us-east-1 in US dollars. They change, so check them.
GIGABYTE_SECOND = {"arm64": 0.0000133334, "x86_64": 0.0000166667}
INVOCATION = 0.20 / 1e6
READ_UNIT, WRITE_UNIT = 0.125 / 1e6, 0.625 / 1e6
LOG_GIGABYTE, LOG_BYTES = 0.50, 2500
SECRET_HOUR = 0.40 / 730
# Bounds for the estimate before the measurement: each function bills a second of one core.
BOUND_GIGABYTE_SECONDS, BOUND_WRITE_UNITS = 1.769, 30
# Different in each run, so a creation does not fail because of the previous run.
UNIQUE = ("newuser", "Analysts", "Nightly sync")
# Functions called once before the measurement, for data to read.
PREPARED = ("create-user", "create-group", "create-membership", "create-api-key")
LATE_REPORTS_SECONDS = 90


class Stopped(Exception):
    """The end of the measurement by a signal."""


def say(text: str) -> None:
    print(f"bench cloud: {text}", flush=True)


class Clients:
    """Clients of the services in use."""

    def __init__(self, session: boto3.Session) -> None:
        config = Config(retries={"mode": "adaptive", "total_max_attempts": 10}, max_pool_connections=32, read_timeout=60)
        for name in ("cloudformation", "dynamodb", "lambda", "logs", "s3", "secretsmanager"):
            setattr(self, name.replace("lambda", "functions"), session.client(name, config=config))


def estimate(functions: int, runs: int, architecture: str) -> float:
    """An upper bound of the price in dollars."""
    each = INVOCATION + BOUND_GIGABYTE_SECONDS * GIGABYTE_SECOND[architecture] + BOUND_WRITE_UNITS * WRITE_UNIT
    return functions * runs * (each + LOG_BYTES / 1e9 * LOG_GIGABYTE) + 2 * SECRET_HOUR


def price(found: dict, architecture: str, hours: float) -> dict[str, float]:
    """The price of a measurement in dollars, from the billed durations and the units."""
    reports = [(entry, start) for entry in found.values() for start in entry["starts"]]
    billed = sum(start["billed_ms"] / 1000 * start["size_mb"] / 1024 for _, start in reports)
    return {
        "Lambda": len(reports) * INVOCATION + billed * GIGABYTE_SECOND[architecture],
        "DynamoDB": sum(start["read"] * READ_UNIT + start["write"] * WRITE_UNIT for _, start in reports),
        "logs": len(reports) * LOG_BYTES / 1e9 * LOG_GIGABYTE,
        "secret": hours * SECRET_HOUR,
    }


def exists(clients: Clients, stack: str) -> bool:
    try:
        clients.cloudformation.describe_stacks(StackName=stack)
        return True
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise


def deploy(options: argparse.Namespace, stack: str) -> None:
    release = ["--release", options.release] if options.release else []
    command = [
        ROOT / "scripts/deploy", options.stage, *release, "--no-confirm-changeset", "--no-progressbar", "--s3-prefix", stack,
        "--parameter-overrides", f"SetupTokenSecret={stack}/setup-token", "DeletionProtection=false", "Monitoring=false",
        "LogRetentionDays=1", "ReservedConcurrency=0", f"Architecture={options.architecture}",
    ]
    log = ROOT / "target/bench-cloud.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as file:
        done = subprocess.run(command, cwd=Path.cwd(), stdout=file, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.exit(f"The deployment failed; see target/bench-cloud.log:\n{log.read_text()[-1500:]}")


class Bench:
    """The measurement of a deployed stack."""

    def __init__(self, clients: Clients, stack: str, runs: int) -> None:
        self.clients, self.stack, self.runs = clients, stack, runs
        self.password, self.session, self.own_session = secrets.token_urlsafe(16), "", ""
        self.stop = threading.Event()

    def invoke(self, function: str, run: int) -> tuple[str, int, str]:
        """Invokes a function with its event. Returns the request ID, the status and the end of the log."""
        text = (EVENTS / f"{function}.json").read_text().replace("PASSWORD", self.password)
        text = text.replace("SESSION", self.own_session if function == "logout" else self.session)
        for word in UNIQUE:
            text = text.replace(word, f"{word}{run}")
        response = self.clients.functions.invoke(
            FunctionName=f"{self.stack}-{function}", LogType="Tail", Payload=self.with_token(function, text)
        )
        body = json.loads(response["Payload"].read())
        log = base64.b64decode(response.get("LogResult", "")).decode(errors="replace")
        request = lambda_report.request_id(log) or response["ResponseMetadata"]["RequestId"]
        return request, int(body.get("statusCode", 0)), log

    def with_token(self, function: str, text: str) -> str:
        if function != "setup":
            return text
        name = f"{self.stack}/setup-token"
        return text.replace("SETUP_TOKEN", self.clients.secretsmanager.get_secret_value(SecretId=name)["SecretString"])

    def prepare(self) -> None:
        """Sets the instance up, and creates data for the events."""
        _, status, _ = self.invoke("setup", 0)
        if status != 200:
            raise RuntimeError(f"setup responds with {status}")
        self.session, self.own_session = self.log_in(), self.log_in()
        for function in PREPARED:
            self.invoke(function, 0)

    def log_in(self) -> str:
        text = (EVENTS / "login.json").read_text().replace("PASSWORD", self.password)
        response = self.clients.functions.invoke(FunctionName=f"{self.stack}-login", Payload=text)
        return json.loads(json.loads(response["Payload"].read())["body"])["id"]

    def measure(self, function: str) -> dict:
        """Forces cold starts of a function by changing its configuration."""
        name = f"{self.stack}-{function}"
        functions = self.clients.functions
        current = functions.get_function_configuration(FunctionName=name)
        variables = current["Environment"]["Variables"]
        logging = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
        if group := current.get("LoggingConfig", {}).get("LogGroup"):
            logging["LogGroup"] = group
        found: dict[str, dict] = {}
        for run in range(1, self.runs + 1):
            if self.stop.is_set():
                raise Stopped
            # The level of the template suppresses reports.
            functions.update_function_configuration(
                FunctionName=name, Environment={"Variables": variables | {"COLD_START": str(run)}}, LoggingConfig=logging
            )
            functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 120})
            request, status, log = self.invoke(function, run)
            read, write = lambda_report.units(log)
            found[request] = {"status": status, "read": read, "write": write, "report": lambda_report.parse(log)}
        return {"memory": current["MemorySize"], "group": logging.get("LogGroup", f"/aws/lambda/{name}"), "invoked": found}

    def measure_all(self, names: list[str], parallel: int) -> dict:
        began, measured = time.monotonic(), {}
        with ThreadPoolExecutor(parallel) as pool:
            waiting = {pool.submit(self.measure, name): name for name in sorted(names, key=order)}
            try:
                for done in as_completed(waiting):
                    measured[waiting[done]] = done.result()
                    say(f"{len(measured)} of {len(names)} functions, {time.monotonic() - began:.0f} s")
            except BaseException:
                self.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
        return {name: {"memory": entry["memory"], "starts": self.starts(entry)} for name, entry in sorted(measured.items())}

    def starts(self, entry: dict) -> list[dict]:
        """The starts with a report, from the response or else from the log."""
        late = self.late_reports(entry)
        starts = []
        for request, invoked in entry["invoked"].items():
            reports = list(invoked.pop("report").values()) or ([late[request]] if request in late else [])
            starts += [invoked | vars(report) for report in reports[-1:]]
        return starts

    def late_reports(self, entry: dict) -> dict[str, lambda_report.Report]:
        """Reports from the log, if responses have none. Logs arrive with a delay."""
        missing = {request for request, invoked in entry["invoked"].items() if not invoked["report"]}
        found: dict[str, lambda_report.Report] = {}
        deadline = time.monotonic() + LATE_REPORTS_SECONDS
        while missing - set(found) and time.monotonic() < deadline:
            for pattern in ("REPORT", '"platform.report"'):
                pages = self.clients.logs.get_paginator("filter_log_events").paginate(
                    logGroupName=entry["group"], filterPattern=pattern
                )
                for page in pages:
                    found |= lambda_report.parse("\n".join(event["message"].rstrip() for event in page["events"]))
            if missing - set(found):
                time.sleep(3)
        return found


def order(function: str) -> tuple[int, str]:
    """Reads before deletions, so most events find their data."""
    method = json.loads((EVENTS / f"{function}.json").read_text())["requestContext"]["http"]["method"]
    last = function in ("anonymize-user", "deactivate-user", "logout")
    return (4 if last else ["GET", "HEAD", "POST", "PUT", "DELETE"].index(method)), function


def tear_down(clients: Clients, stack: str) -> list[str]:
    """Deletes the stack and what it retains. Returns what could not be deleted."""
    remains: list[str] = []

    def attempt(label: str, action, *absent: str) -> None:
        try:
            action()
        except Exception as error:
            if not (isinstance(error, ClientError) and error.response["Error"]["Code"] in absent):
                remains.append(f"{label}: {error}")

    tables: list[str] = []

    def list_tables() -> None:
        pages = clients.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
        tables.extend(
            resource["PhysicalResourceId"] for resource in resources
            if resource["ResourceType"] == "AWS::DynamoDB::Table" and resource.get("PhysicalResourceId")
        )

    def delete_stack() -> None:
        clients.cloudformation.delete_stack(StackName=stack)
        waiter = clients.cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack, WaiterConfig={"Delay": 5, "MaxAttempts": 240})

    attempt("the list of tables", list_tables, "ValidationError")
    attempt(f"stack {stack}", delete_stack, "ValidationError")
    for table in tables:
        attempt(f"table {table}", lambda table=table: clients.dynamodb.delete_table(TableName=table), "ResourceNotFoundException")
    secret = f"{stack}/setup-token"
    attempt(
        f"secret {secret}",
        lambda: clients.secretsmanager.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True),
        "ResourceNotFoundException",
    )
    for group in (f"/aws/lambda/{stack}", f"/aws/apigateway/{stack}"):
        attempt(f"log group {group}", lambda group=group: clients.logs.delete_log_group(logGroupName=group), "ResourceNotFoundException")
    attempt(f"uploads below {stack}/ in the bucket of SAM", lambda: delete_uploads(clients, f"{stack}/"), "ValidationError")
    return remains


def delete_uploads(clients: Clients, prefix: str) -> None:
    """Deletes the uploads of this stack from SAM's bucket, in all versions. The bucket stays."""
    (sam,) = clients.cloudformation.describe_stacks(StackName="aws-sam-cli-managed-default")["Stacks"]
    bucket = next(output["OutputValue"] for output in sam["Outputs"] if output["OutputKey"] == "SourceBucket")
    for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Versions", []) + page.get("DeleteMarkers", []):
            clients.s3.delete_object(Bucket=bucket, Key=entry["Key"], VersionId=entry["VersionId"])


def spread(values: list[float]) -> str:
    if not values:
        return " | | "
    return f"{median(values):.1f} | {percentile(values, 0.9):.1f} | {percentile(values, 0.99):.1f}"


def page(found: dict, about: dict) -> str:
    """The page with the results, in Markdown."""
    rows = []
    for name, entry in found.items():
        starts = entry["starts"]
        inits = [start["init_ms"] for start in starts if start["init_ms"] is not None]
        statuses = sorted({start["status"] for start in starts})
        rows.append(
            f"| {name} | {entry['memory']} | {len(inits)} of {about['runs']} | {spread(inits)} | "
            f"{spread([start['billed_ms'] for start in starts])} | {spread([start['duration_ms'] for start in starts])} | "
            f"{max((start['used_mb'] for start in starts), default=0)} | {', '.join(map(str, statuses))} |"
        )
    costs = price(found, about["architecture"], about["hours"])
    place = "an emulator, not AWS" if about["emulator"] else f"AWS, {about['region']}"
    emulated = (
        "The emulator runs functions as processes of this machine, without limits of memory and CPU.\n"
        "Its times say nothing about AWS: this page shows the form of the result.\n\n"
        if about["emulator"] else ""
    )
    return (
        f"# Cold starts on {place}\n\n"
        f"*Measured {about['at']} with {about['architecture']}, by `scripts/bench cloud`.*\n\n{emulated}"
        "Each run changes an environment variable of the function and invokes it with its event in `events/`.\n"
        "Lambda reports the durations in milliseconds and the memory in megabytes.\n"
        "Percentiles are nearest-rank. Only cold starts have an initialization.\n\n"
        "| Function | Memory | Cold starts | Init, median | p90 | p99 | Billed, median | p90 | p99 | Duration, median | p90 | p99 |"
        " Peak memory | Statuses |\n" + "| --- " * 14 + "|\n" + "\n".join(rows) + "\n\n"
        "The events use the data of the instance in turn, so a repeated change may respond with 4xx.\n\n"
        "## Cost\n\n"
        f"{sum(len(entry['starts']) for entry in found.values()):,} invocations cost ${sum(costs.values()):.4f} at list prices of "
        "us-east-1, without free tiers: " + ", ".join(f"{name} ${value:.4f}" for name, value in costs.items()) + ".\n"
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench cloud", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="cold starts of each function; 100 by default")
    parser.add_argument("--functions", help="functions to measure, separated by commas; all by default")
    parser.add_argument("--stage", default="bench", help="stage to create and delete; bench by default")
    parser.add_argument("--architecture", choices=sorted(GIGABYTE_SECOND), default="arm64")
    parser.add_argument("--parallel", type=int, default=4, help="functions measured at the same time; 4 by default")
    parser.add_argument("--release", help="release archive to deploy instead of a build")
    parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    options = parser.parse_args()
    known = sorted(path.stem for path in EVENTS.glob("*.json"))
    options.names = options.functions.split(",") if options.functions else known
    if unknown := set(options.names) - set(known):
        parser.error(f"no such function: {', '.join(sorted(unknown))}")
    if options.runs < 1 or options.parallel < 1:
        parser.error("--runs and --parallel must be at least 1")
    return options


def interrupt(*_) -> None:
    raise KeyboardInterrupt


def main() -> None:
    options = parse_arguments()
    signal.signal(signal.SIGTERM, interrupt)
    check_name(options.stage)
    session, region = sign_in(None, None)
    account = check_account(session, region)
    stack, clients = f"users-{options.stage}", Clients(session)
    if exists(clients, stack):
        sys.exit(f"bench cloud: the stack {stack} exists: delete it, or choose another --stage")
    dollars = estimate(len(options.names), options.runs, options.architecture)
    say(
        f"deploys the stack {stack} to account {account} in {region}, invokes {len(options.names)} functions "
        f"{options.runs} times, and deletes the stack with its table, its secret and its logs"
    )
    say(f"costs at most ${max(dollars, 0.01):.2f} at list prices of us-east-1")
    if not options.yes and input("Continue? [y/N] ").strip().lower() not in ("y", "yes"):
        sys.exit("bench cloud: nothing was deployed")
    began = time.monotonic()
    try:
        deploy(options, stack)
        say(f"deployed, {time.monotonic() - began:.0f} s")
        bench = Bench(clients, stack, options.runs)
        bench.prepare()
        found = bench.measure_all(options.names, options.parallel)
    finally:
        # A second Ctrl-C must not leave the stack.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        say(f"deletes {stack}")
        remains = tear_down(clients, stack)
        for line in remains:
            print(f"bench cloud: NOT deleted: {line}", file=sys.stderr, flush=True)
    emulator = bool(os.environ.get("AWS_ENDPOINT_URL"))
    about = {
        "at": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "region": region, "runs": options.runs,
        "architecture": options.architecture, "emulator": emulator, "hours": (time.monotonic() - began) / 3600,
    }
    results = ROOT / "target/bench-cloud.json"
    results.write_text(json.dumps({"about": about, "found": found}, indent=1))
    written = ROOT / "target/performance-cloud.md"
    written.write_text(page(found, about))
    say(f"wrote {written.relative_to(ROOT)} and {results.relative_to(ROOT)}, {time.monotonic() - began:.0f} s")
    without = [name for name, entry in found.items() if not entry["starts"]]
    if without:
        say(f"no reports of {', '.join(without)}")
    if remains or without:
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.exit(f"bench cloud: {problem}")
    except KeyboardInterrupt:
        sys.exit("bench cloud: interrupted")
