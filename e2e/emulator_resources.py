"""Resources of `rest-api.yaml` missing in MiniStack's CloudFormation.

MiniStack stores a web ACL and its associations, but applies no rule of AWS WAF to requests.
"""

from ministack.services import apigateway_v1, waf
from ministack.services.cloudformation import provisioners

ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
GATEWAY_RESPONSES = "x-amazon-apigateway-gateway-responses"


def succeed(response: tuple) -> None:
    """Raises an exception for an error of a service."""
    status, _, body = response
    if status >= 300:
        raise ValueError(body)


def associate(_name: str, properties: dict, _stack: str) -> tuple[str, dict]:
    succeed(waf._associate_web_acl(properties))
    return f"{properties['ResourceArn']}|{properties['WebACLArn']}", {}


def dissociate(_id: str, properties: dict) -> None:
    succeed(waf._disassociate_web_acl(properties))


def add() -> None:
    """Adds the association of a web ACL, and the gateway responses of an OpenAPI document."""
    import_api = apigateway_v1._import_rest_api

    def import_with_responses(document: dict, *settings) -> str:
        api = import_api(document, *settings)
        for kind, response in document.get(GATEWAY_RESPONSES, {}).items():
            succeed(apigateway_v1._put_gateway_response(api, kind, response))
        return api

    apigateway_v1._import_rest_api = import_with_responses
    provisioners._RESOURCE_HANDLERS[ASSOCIATION] = {"create": associate, "delete": dissociate}
