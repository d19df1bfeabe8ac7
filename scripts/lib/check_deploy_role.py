"""Compares docs/ci/deploy-role.yaml with the actions of CloudFormation for each resource of the templates.

CloudFormation's schemas, pinned with cfn-lint, list the actions of each resource type. The role must
allow them, except those below. `scripts/lint-template` runs this with the Python of SAM.
"""

import json
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

import cfnlint
from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parent.parent.parent
ROLE = ROOT / "docs/ci/deploy-role.yaml"
SCHEMAS = Path(cfnlint.__file__).parent / "data/schemas"
# An inline or managed policy has at most 6,144 characters, without white space.
POLICY_CHARACTERS = 6144
# The resources created by SAM for its own types.
CREATED = {
    "AWS::Serverless::Function": [
        "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Lambda::Version", "AWS::Lambda::Alias", "AWS::IAM::Role",
        "AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup",
    ],
    "AWS::Serverless::HttpApi": ["AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage"],
}
# Actions for properties not in use, by pattern.
UNUSED = (
    # Other services: networks, file systems, streams, other targets of a firewall.
    "amplify:*", "apprunner:*", "appsync:*", "bedrock-agentcore:*", "cognito-idp:*", "ec2:*", "elasticfilesystem:*",
    "elasticloadbalancing:*", "firehose:*", "kinesis:*", "payments:*", "s3files:*", "iam:DescribeOrganization",
    # Replicas, imports, exports, streams, policies and items of tables.
    "dynamodb:*Replica", "dynamodb:*Import*", "dynamodb:*Item*", "dynamodb:*KinesisStreamingDestination",
    "dynamodb:*ContributorInsights", "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy", "dynamodb:Query", "dynamodb:Scan",
    # The table outlives the stack.
    "dynamodb:DeleteTable",
    # Layers, code signing, capacity providers and permissions for them.
    "lambda:*Layer*", "lambda:*CodeSigning*", "lambda:*CapacityProvider*", "lambda:AssociateRuntimeAlias",
    # Deletion protection, data protection, indexes, policies and tokens of log groups; the name of an old S3 API.
    "logs:PutLogGroupDeletionProtection", "logs:*DataProtectionPolicy", "logs:*IndexPolic*", "logs:DeleteResourcePolicy", "logs:*BearerToken*", "s3:REST.PUT.OBJECT",
    "sns:PutDataProtectionPolicy",
    # Logs of the firewall in S3.
    "s3:GetBucketPolicy", "s3:PutBucketPolicy",
    # Servers outside of AWS.
    "codedeploy:*OnPremises*",
    # Service-linked roles exist, or AWS creates them: docs/ci.md.
    "iam:CreateServiceLinkedRole",
    # A role without a boundary would escape it.
    "iam:DeleteRolePermissionsBoundary",
    # Not actions of IAM: the schemas name them, and requests for tags need PUT and DELETE.
    "apigateway:*agResource",
)


def resource_types() -> set[str]:
    found = set()
    for name in ("template.yaml", "rest-api.yaml"):
        if (ROOT / name).exists():
            resources = yaml_parse((ROOT / name).read_text())["Resources"].values()
            for kind in (resource["Type"] for resource in resources):
                found.update(CREATED.get(kind, [kind]))
    return found


def actions(kinds: set[str]) -> dict[str, set[str]]:
    """The actions for creations, reads, updates and deletions, with the types needing them."""
    found: dict[str, set[str]] = {}
    for path in (SCHEMAS / "resources").glob("*.json"):
        text = path.read_text()
        name = re.search(r'"typeName":\s*"([^"]+)"', text)
        if name and name[1] in kinds:
            for operation, handler in json.loads(text).get("handlers", {}).items():
                for action in handler.get("permissions", []) if operation != "list" else []:
                    found.setdefault(action, set()).add(name[1])
    return found


def statements() -> list[dict]:
    resources = yaml_parse(ROLE.read_text())["Resources"]
    role = resources["DeployRole"]["Properties"]["ManagedPolicyArns"]
    policies = [resources[reference["Ref"]]["Properties"]["PolicyDocument"] for reference in role]
    for reference, policy in zip(role, policies):
        size = len(re.sub(r"\s", "", json.dumps(policy)))
        assert size < POLICY_CHARACTERS, f"{reference['Ref']} has {size} characters"
    found = [statement for policy in policies for statement in policy["Statement"]]
    return [statement["Fn::If"][1] if "Fn::If" in statement else statement for statement in found]


def main() -> None:
    allowed = [
        action for statement in statements()
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    ]
    kinds = resource_types()
    missing = {
        action: types for action, types in actions(kinds).items()
        if not any(fnmatch(action.lower(), pattern.lower()) for pattern in (*allowed, *UNUSED))
    }
    for action, types in sorted(missing.items()):
        print(f"{ROLE.relative_to(ROOT)} does not allow {action}, for {', '.join(sorted(types))}", file=sys.stderr)
    if missing:
        sys.exit(1)


if __name__ == "__main__":
    main()
