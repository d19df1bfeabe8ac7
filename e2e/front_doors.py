"""Attaches functions to a load balancer and to a function URL, with the calls of docs/operations.md."""

from urllib.parse import urlparse

# Functions behind the load balancer, each with its method and path, in the order of the rules.
RULES = [
    ("health", "GET", "/api/health"),
    ("login", "POST", "/api/session"),
    ("current-user", "GET", "/api/user/current"),
    ("list-users", "GET", "/api/user"),
    ("get-user", "GET", "/api/user/*"),
]


def load_balancer(aws, stack: str) -> str:
    """Creates a load balancer and returns its host name."""
    balancing = aws("elbv2")
    (balancer,) = balancing.create_load_balancer(Name=stack, Subnets=["subnet-1", "subnet-2"])["LoadBalancers"]
    not_found = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    (listener,) = balancing.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[not_found]
    )["Listeners"]
    for priority, (function, method, path) in enumerate(RULES, start=1):
        balancing.create_rule(
            ListenerArn=listener["ListenerArn"],
            Priority=priority,
            Actions=[{"Type": "forward", "TargetGroupArn": target_group(aws, f"{stack}-{function}")}],
            Conditions=[
                {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": methods(method)}},
                {"Field": "path-pattern", "Values": [path]},
            ],
        )
    return balancer["DNSName"]


def methods(method: str) -> list[str]:
    """The methods of a route: HEAD in addition to GET."""
    return ["GET", "HEAD"] if method == "GET" else [method]


def target_group(aws, function: str) -> str:
    """Creates the target group of a function and returns its ARN."""
    balancing, functions = aws("elbv2"), aws("lambda")
    arn = functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    (group,) = balancing.create_target_group(Name=function, TargetType="lambda")["TargetGroups"]
    functions.add_permission(
        FunctionName=arn,
        StatementId="load-balancer",
        Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
        SourceArn=group["TargetGroupArn"],
    )
    balancing.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=[{"Id": arn}])
    return group["TargetGroupArn"]


def function_url(aws, function: str) -> str:
    """Creates a function URL and returns its host name."""
    functions = aws("lambda")
    url = functions.create_function_url_config(FunctionName=function, AuthType="NONE")["FunctionUrl"]
    functions.add_permission(
        FunctionName=function,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    functions.add_permission(
        FunctionName=function,
        StatementId="url-invocation",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
    )
    return urlparse(url).hostname
