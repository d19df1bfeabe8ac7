"""Checks the setup of a deployment with Python alone, before anything is installed or built.

Usage: python3 scripts/lib/preflight.py <stage> <build|release> [options of sam deploy]
"""

import configparser
import importlib.util
import os
import re
import shutil
import sys
import urllib.error
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

from stage import CONFIG, Problem, check_name, option, simple_section

REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]+")
# Variables naming a source of credentials without keys.
SOURCES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
METADATA = "http://169.254.169.254/latest/api/token"
SIGN_IN = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with the AWS CLI"


def main(name: str, source: str, options: list[str]) -> None:
    check_name(name)
    if not CONFIG.exists():
        raise Problem("samconfig.toml is missing: restore it from the repository or the release.")
    section = simple_section(CONFIG.read_text(), name)
    if option(options, "stack-name"):
        raise Problem("The stack name comes from samconfig.toml: set stack_name in a section instead of --stack-name.")
    check_tools(source == "build")
    profiles = read_profiles(os.environ)
    profile = option(options, "profile") or section.get("profile")
    check_credentials(os.environ, profiles, profile)
    region(os.environ, profiles, option(options, "region") or section.get("region"), profile)


def check_tools(builds: bool) -> None:
    if sys.version_info < (3, 10):
        raise Problem(f"Python {sys.version_info.major}.{sys.version_info.minor} is too old: install Python 3.10 or newer.")
    if not importlib.util.find_spec("ensurepip"):
        raise Problem("Python's module venv is missing: install it, on Debian with `apt install python3-venv`.")
    if not builds:
        return
    for program in ("cargo", "rustc"):
        if not shutil.which(program):
            raise Problem(f"{program} is missing: install Rust from https://rustup.rs, or deploy a release with --release FILE.")
    if not any(map(shutil.which, ("cc", "gcc", "clang"))):
        raise Problem("A C compiler is missing: install one, on Debian with `apt install gcc`, or use --release FILE.")


def read_profiles(environment) -> dict[str, dict[str, str]]:
    """The profiles of the shared files of the AWS CLI."""
    found: dict[str, dict[str, str]] = {}
    home = Path(environment.get("HOME", "~")).expanduser() / ".aws"
    files = [("AWS_CONFIG_FILE", home / "config"), ("AWS_SHARED_CREDENTIALS_FILE", home / "credentials")]
    for variable, default in files:
        path = Path(environment.get(variable) or default).expanduser()
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(path)
        except configparser.Error:
            raise Problem(f"{path} is not a valid file of the AWS CLI: correct or remove it.") from None
        for section in parser.sections():
            found.setdefault(section.removeprefix("profile ").strip(), {}).update(parser[section])
    return found


def check_credentials(environment, profiles: dict, profile: str | None, has_role=None) -> None:
    """Requires a source of credentials. Only AWS can tell whether it accepts them."""
    if not profile and environment.get("AWS_ACCESS_KEY_ID"):
        if not environment.get("AWS_SECRET_ACCESS_KEY"):
            raise Problem("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set both, or neither.")
        return check_expiration(environment.get("AWS_CREDENTIAL_EXPIRATION"))
    name = profile or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE")
    if name and name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise Problem(f"The profile {name} is not in the files of the AWS CLI: choose another one ({known}), or create it.")
    settings = set(profiles.get(name or "default", {})) - {"region", "output", "cli_pager"}
    if settings or any(environment.get(variable) for variable in SOURCES):
        return None
    if not (has_role or has_instance_role)(environment):
        raise Problem(f"There are no AWS credentials: {SIGN_IN}.")
    return None


def check_expiration(text: str | None) -> None:
    try:
        expires = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return
    if expires.tzinfo and expires < datetime.now(timezone.utc):
        raise Problem(f"The AWS credentials in the environment expired at {text}. Get new ones.")


def has_instance_role(environment) -> bool:
    """Whether this machine is an EC2 instance, which may have a role."""
    if environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    request = urllib.request.Request(METADATA, method="PUT", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=1) as response:
            return len(response.read(200)) > 0
    except OSError:
        return False


def region(environment, profiles: dict, given: str | None, profile: str | None) -> str:
    """The region: of the options or the section, the environment, or the profile."""
    one, other = environment.get("AWS_REGION"), environment.get("AWS_DEFAULT_REGION")
    if not given and one and other and one != other:
        raise Problem(f"AWS_REGION is {one}, and AWS_DEFAULT_REGION is {other}: unset one of them.")
    name = profile or environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"
    found = given or one or other or profiles.get(name, {}).get("region")
    if not found:
        raise Problem("There is no AWS region: set AWS_REGION, for example to eu-central-1.")
    if not REGION.fullmatch(found):
        raise Problem(f"{found!r} is not the name of an AWS region: set AWS_REGION, for example to eu-central-1.")
    return found


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
    except Problem as problem:
        sys.exit(f"scripts/deploy: {problem}")
