"""Deploys a stage. `scripts/deploy` runs it with the Python of SAM.

Usage: python scripts/lib/deploy.py <stage> <folder of the template> <build|release> [options of sam deploy]
"""

import difflib
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

import archive
import boto3
import preflight
import tomlkit
from botocore import exceptions
from botocore.config import Config
from stage import CONFIG, ROOT, Problem, derived, given_parameters, option, parameters

EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
REJECTED = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure")
# The default of the template's parameter `Architecture`.
ARCHITECTURE = "arm64"


def main(name: str, folder: Path, source: str, options: list[str]) -> int:
    config = tomlkit.parse(CONFIG.read_text()).unwrap()
    has_section = "parameters" in config.get(name, {}).get("deploy", {})
    section = config[name]["deploy"]["parameters"] if has_section else derived(config["default"]["deploy"]["parameters"], name)
    stack = section.get("stack_name", f"users-{name}")
    overrides = given_parameters(options) or parameters(section.get("parameter_overrides", []))
    architecture = checked_architecture(overrides.get("Architecture") or ARCHITECTURE, folder, source)

    session, region = sign_in(option(options, "profile") or section.get("profile"), option(options, "region") or section.get("region"))
    account = check_account(session, region)
    print(f"account {account}, region {region}, stage {name}, stack {stack}, architecture {architecture}", flush=True)

    environment = os.environ | {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "SAM_CLI_TELEMETRY": "0"}
    if source == "build":
        subprocess.run([ROOT / "scripts/build"], env=environment | {"ARCHITECTURE": architecture}, check=True)
    create_setup_token(session, overrides.get("SetupTokenSecret") or f"{stack}/setup-token")
    with tempfile.TemporaryDirectory() as own:
        file = Path(own) / "samconfig.toml"
        file.write_text(tomlkit.dumps(config | {name: config.get(name, {}) | {"deploy": {"parameters": section}}}))
        sam = [Path(sys.executable).parent / "sam", "deploy", "--config-file", file, "--config-env", name, *options]
        return subprocess.run(sam, cwd=folder, env=environment, check=False).returncode


def checked_architecture(wanted: str, folder: Path, source: str) -> str:
    """Requires the same architecture from the parameter and from the build or the release."""
    if source == "release":
        found = archive.architecture(folder)
        if found != wanted:
            raise Problem(
                f"The release is for {found}, and the parameter Architecture is {wanted}: use the other release, or change "
                "the parameter in samconfig.toml."
            )
    elif os.environ.get("ARCHITECTURE", wanted) != wanted:
        raise Problem(
            f"The variable ARCHITECTURE is {os.environ['ARCHITECTURE']}, and the parameter Architecture is {wanted}: unset "
            "the variable, or change the parameter in samconfig.toml."
        )
    return wanted


def sign_in(profile: str | None, given: str | None) -> tuple[boto3.Session, str]:
    region = preflight.region(os.environ, preflight.read_profiles(os.environ), given, profile)
    try:
        return boto3.Session(profile_name=profile, region_name=region), region
    except exceptions.ProfileNotFound as error:
        raise Problem(f"{error}: choose another one, or create it.") from None


def check_account(session: boto3.Session, region: str) -> str:
    """The account of the credentials, from STS in the region."""
    known = sorted({name for part in session.get_available_partitions() for name in session.get_available_regions("lambda", part)})
    near = difflib.get_close_matches(region, known, 1)
    unknown = f"{region} is not a known AWS region" + (f": set AWS_REGION, perhaps to {near[0]}." if near else ": set AWS_REGION.")
    if region not in known and os.environ.get("AWS_ENDPOINT_URL"):
        raise Problem(unknown)
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    try:
        return session.client("sts", config=config).get_caller_identity()["Account"]
    except exceptions.ClientError as error:
        raise Problem(rejected(error, region)) from None
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        # A region newer than the pinned boto3 has an endpoint, so it does not get here.
        raise Problem(unknown if region not in known else f"No connection to AWS ({error}): check the network and the proxy.") from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError):
        raise Problem(f"There are no AWS credentials: {preflight.SIGN_IN}.") from None
    except (exceptions.SSOError, exceptions.TokenRetrievalError):
        raise Problem("The sign-in of the profile is missing or has expired: run `aws sso login` with this profile.") from None
    except exceptions.BotoCoreError as error:
        raise Problem(f"AWS cannot be asked for the account ({error}): check the credentials and the network.") from None


def rejected(error: exceptions.ClientError, region: str) -> str:
    code = error.response["Error"].get("Code", "")
    if code in EXPIRED:
        return "The AWS credentials have expired. Get new ones, for example with `aws sso login`."
    if code in REJECTED:
        return f"AWS rejects the credentials in {region} ({code}): check the keys and the clock, and that the account uses the region."
    return f"AWS does not name the account of the credentials ({code}): check them."


def create_setup_token(session: boto3.Session, name: str) -> None:
    """Creates the secret with the setup token, if it does not exist. An ARN always exists."""
    if name.startswith("arn:"):
        return
    manager = session.client("secretsmanager")
    try:
        manager.create_secret(
            Name=name,
            SecretString=secrets.token_urlsafe(32),
            Description="Setup token for POST /api/setup. Not needed after setup.",
        )
        print(f"Created the secret {name} with a new setup token.", flush=True)
    except manager.exceptions.ResourceExistsException:
        print(f"The secret {name} with the setup token exists.", flush=True)
    except manager.exceptions.InvalidRequestException as error:
        raise Problem(f"Secrets Manager rejects the secret {name}: {error}. Restore it if it is being deleted.") from None
    except exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        raise Problem(f"Secrets Manager rejects the creation of the secret {name} ({code}): check the permissions.") from None


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4:]))
    except Problem as problem:
        sys.exit(f"scripts/deploy: {problem}")
    except subprocess.CalledProcessError as failure:
        sys.exit(failure.returncode)
