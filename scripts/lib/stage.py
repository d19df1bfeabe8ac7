"""The settings of a stage: its section of samconfig.toml and the options of sam deploy."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CONFIG = ROOT / "samconfig.toml"
# The names of functions start with `users-<stage>-` and have at most 64 characters.
LONGEST = 32
NAME = re.compile(rf"[a-z]([a-z0-9-]{{0,{LONGEST - 2}}}[a-z0-9])?")
RESERVED = ("default", "global")


class Problem(Exception):
    """An error of the operator's setup, in a sentence with the remedy."""


def check_name(stage: str) -> None:
    if not NAME.fullmatch(stage) or stage in RESERVED:
        raise Problem(
            f"The stage {stage!r} is invalid: use 1 to {LONGEST} lower-case letters, digits and hyphens, start with a "
            f"letter, end with a letter or digit, and avoid {' and '.join(RESERVED)}."
        )


def option(options: list[str], name: str) -> str | None:
    """The value of an option of sam deploy."""
    for index, word in enumerate(options):
        if word == f"--{name}" and index + 1 < len(options):
            return options[index + 1]
        if word.startswith(f"--{name}="):
            return word.partition("=")[2]
    return None


def simple_section(text: str, stage: str) -> dict[str, str]:
    """The string settings of a stage's section, or of the default section, without a TOML parser."""
    for name in (stage, "default"):
        header = re.compile(rf"^\[{re.escape(name)}\.deploy\.parameters\]\s*(?:#.*)?$", re.M)
        found = header.search(text)
        if found:
            body = re.split(r"^\[", text[found.end() :], maxsplit=1, flags=re.M)[0]
            return dict(re.findall(r'^(\w+)\s*=\s*"([^"\\\n]*)"', body, re.M))
    raise Problem(
        f"samconfig.toml has neither a section [{stage}.deploy.parameters] nor [default.deploy.parameters]: add one."
    )


def parameters(value) -> dict[str, str]:
    """Template parameters, from any form of `parameter_overrides` accepted by SAM."""
    if isinstance(value, dict):
        return {name: str(text) for name, text in value.items()}
    words = shlex.split(value) if isinstance(value, str) else [str(word) for word in value]
    found = {}
    for word in words:
        long = re.fullmatch(r"ParameterKey=([^,]+),ParameterValue=(.*)", word, re.S)
        name, _, text = (long[1], "=", long[2]) if long else word.partition("=")
        found[name] = text
    return found


def given_parameters(options: list[str]) -> dict[str, str] | None:
    """Template parameters among the options. They replace those of the section."""
    value = option(options, "parameter-overrides")
    if value is None:
        return None
    if f"--parameter-overrides={value}" in options:
        return parameters(value)
    words = options[options.index("--parameter-overrides") + 1 :]
    end = next((index for index, word in enumerate(words) if word.startswith("--")), len(words))
    return parameters([part for word in words[:end] for part in shlex.split(word)])


def tagged(tags, environment: str) -> list[str]:
    """Tags as a list, with the tag `environment`."""
    return [f"{name}={text}" for name, text in (parameters(tags or []) | {"environment": environment}).items()]


def derived(default: dict, stage: str) -> dict:
    """The section of a stage without its own, from the default section."""
    names = parameters(default.get("parameter_overrides", []))
    names.setdefault("SetupTokenSecret", f"users-{stage}/setup-token")
    return dict(default) | {
        "stack_name": f"users-{stage}",
        "parameter_overrides": [f"{name}={text}" for name, text in names.items()],
        "tags": tagged(default.get("tags"), stage),
    }
