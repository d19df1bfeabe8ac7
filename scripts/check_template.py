"""Checks template.yaml after SAM's transform, with and without a gradual deployment.

CloudFormation accepts 500 resources in a stack, and a processed template of 1 MB. A part remains
free for other additions. Every role must have the permissions boundary, and API Gateway must invoke
aliases only: other invocations would not follow a deployment. References must not be circular.

Usage: python scripts/check_template.py template.yaml
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# CloudFormation allows 500.
MAX_RESOURCES = 400
MAX_BYTES = 900_000
DEPLOYMENTS = ["AllAtOnce", "Canary10Percent5Minutes"]
BOUNDARY = {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundaryArn"}, {"Ref": "AWS::NoValue"}]}


class NoManagedPolicies:
    """The managed policies of an AWS account. The template names none."""

    def load(self) -> dict[str, str]:
        return {}


def main(file: Path) -> None:
    logging.disable(logging.WARNING)
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    for deployment in DEPLOYMENTS:
        resources, size = process(file.read_text(), deployment)
        check_limits(len(resources), size)
        check_order(resources)
        check_roles(of_type(resources, "AWS::IAM::Role"))
        check_functions(resources, is_gradual=deployment != "AllAtOnce")
        print(f"{file}, {deployment}: {len(resources)} resources, {size} bytes")


def process(text: str, deployment: str) -> tuple[dict, int]:
    """Resources and size of the processed template."""
    template = yaml_parse(text)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://bucket/{name}"
    processed = transform(template, {"Deployment": deployment}, NoManagedPolicies())
    return processed["Resources"], len(json.dumps(processed))


def of_type(resources: dict, kind: str) -> dict[str, dict]:
    """The properties of the resources of a type, by logical ID."""
    found = {name: resource for name, resource in resources.items() if resource["Type"] == kind}
    assert found, f"no {kind}"
    return {name: resource["Properties"] for name, resource in found.items()}


def check_limits(count: int, size: int) -> None:
    assert count <= MAX_RESOURCES, f"{count} resources, more than {MAX_RESOURCES}"
    assert size <= MAX_BYTES, f"{size} bytes, more than {MAX_BYTES}"


def check_order(resources: dict) -> None:
    """CloudFormation rejects circular references. An update policy is a reference, too."""
    graph = {name: set(references(resource)) & resources.keys() for name, resource in resources.items()}
    TopologicalSorter(graph).prepare()


def references(value: object) -> Iterator[str]:
    """The names in the references of a resource."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for name, content in value.items():
            if name in ("Ref", "DependsOn") and isinstance(content, str):
                yield content
            elif name == "Fn::GetAtt":
                yield content[0]
            elif name == "Fn::Sub":
                text = content if isinstance(content, str) else content[0]
                yield from re.findall(r"\$\{([A-Za-z0-9]+)", text)
            yield from references(content)


def check_roles(roles: dict[str, dict]) -> None:
    for name, role in roles.items():
        assert role.get("PermissionsBoundary") == BOUNDARY, f"{name} has no permissions boundary"


def check_functions(resources: dict, *, is_gradual: bool) -> None:
    """Each function has one version and one alias, and CodeDeploy moves the alias if it is to."""
    functions = of_type(resources, "AWS::Lambda::Function")
    aliases = of_type(resources, "AWS::Lambda::Alias")
    versions = of_type(resources, "AWS::Lambda::Version").values()
    expected = [{"Ref": name} for name in functions]
    assert [alias["FunctionName"] for alias in aliases.values()] == expected, "functions without alias"
    assert [version["FunctionName"] for version in versions] == expected, "functions without version"
    assert all(is_gradual == ("UpdatePolicy" in resources[alias]) for alias in aliases), "update policies differ"
    for name, permission in of_type(resources, "AWS::Lambda::Permission").items():
        assert permission["FunctionName"]["Ref"] in aliases, f"{name} is not for an alias"
    if is_gradual:
        alarm_name = resources["ServerErrorsAlarm"]["Properties"]["AlarmName"]
        groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup")
        assert len(groups) == len(functions), "functions without deployment group"
        for name, group in groups.items():
            alarms = json.dumps(group["AlarmConfiguration"])
            assert json.dumps(alarm_name) in alarms, f"{name} has no alarm"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
