"""What MiniStack's CloudFormation leaves out of the template: the only place where the test helps the deployment along.

In the cloud CloudFormation does all of this itself.
"""

import json


def fill(aws, stack: str, outputs: dict[str, str]) -> set[str]:
    """Does what the template says and the emulator ignores; returns the routes, without their twins."""
    template = aws("cloudformation").get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    template = json.loads(template) if isinstance(template, str) else template
    set_table_up(aws("dynamodb"), outputs["TableName"], template["Resources"]["Table"]["Properties"])
    return make_routes(aws, stack, outputs["ApiId"], template["Resources"]["Api"]["Properties"]["Body"])


def set_table_up(dynamodb, table: str, properties: dict) -> None:
    """Time to live and point-in-time recovery."""
    dynamodb.update_time_to_live(
        TableName=table,
        TimeToLiveSpecification=properties["TimeToLiveSpecification"],
    )
    dynamodb.update_continuous_backups(
        TableName=table,
        PointInTimeRecoverySpecification=properties["PointInTimeRecoverySpecification"],
    )


def make_routes(aws, stack: str, api: str, body: dict) -> set[str]:
    """The routes of an HTTP API, which SAM writes as an OpenAPI document."""
    gateway, functions = aws("apigatewayv2"), arns(aws, stack)
    routes = set()
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
            (arn,) = (arn for name, arn in functions.items() if f"${{{name}.Arn}}" in uri)
            integration = gateway.create_integration(
                ApiId=api,
                IntegrationType="AWS_PROXY",
                IntegrationUri=arn,
                PayloadFormatVersion="2.0",
            )
            route = f"{method.upper()} {path}"
            gateway.create_route(
                ApiId=api,
                RouteKey=route,
                Target=f"integrations/{integration['IntegrationId']}",
            )
            routes.add(route.removesuffix("/"))
    return routes


def arns(aws, stack: str) -> dict[str, str]:
    """The functions of the stack by their names in the template."""
    resources = aws("cloudformation").list_stack_resources(StackName=stack)["StackResourceSummaries"]
    functions = {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for resource in resources
        if resource["ResourceType"] == "AWS::Lambda::Function"
    }
    described = {
        name: aws("lambda").get_function(FunctionName=function) for name, function in functions.items()
    }
    return {name: function["Configuration"]["FunctionArn"] for name, function in described.items()}
