"""A request that AWS refuses is refused, before moto sees it: by the operation's model, then by the documented rules.

moto's own router and parsers find the operation and its parameters. A service that is not listed here, an operation
that its model does not have and an unsigned upload or download are passed on unjudged.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from werkzeug.exceptions import NotFound

from rehearsal.aws import calls
from rehearsal.aws.constraints import violations
from rehearsal.aws.documented import Refusal, refused
from rehearsal.aws.laxer import is_laxer

SERVICES = {
    # The name in a request's signature: botocore's name of the model.
    "acm": "acm",
    "application-autoscaling": "application-autoscaling",
    "backup": "backup",
    "cognito-idp": "cognito-idp",
    "dynamodb": "dynamodb",
    "ec2": "ec2",
    "ecr": "ecr",
    "ecs": "ecs",
    "elasticloadbalancing": "elbv2",
    "iam": "iam",
    "kms": "kms",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "rds": "rds",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "servicequotas": "service-quotas",
    "sns": "sns",
    "sts": "sts",
}
# The calls by which people sign up and in carry no signature.
UNSIGNED = {"AWSCognitoIdentityProviderService": "cognito-idp"}
# Of the errors that an operation declares, the one for such a parameter.
DECLARED = ("ValidationException", "InvalidParameterException", "InvalidParameterValueException")
# Where it declares none: "Common Errors" or "Error codes" in the API reference of a service, or of those of a protocol.
COMMON = {
    "ec2": "InvalidParameterValue",
    "rds": "InvalidParameterValue",
    "json": "ValidationException",
    "query": "ValidationError",
    "rest-json": "ValidationException",
    "rest-xml": "InvalidArgument",
}
# "Error responses" in the Amazon S3 API reference, "AWS JSON protocol" in Smithy 2.0.
UNREADABLE = {"json": "SerializationException", "rest-json": "SerializationException", "rest-xml": "MalformedXML"}
NOT_THE_SCHEMA = "The XML you provided was not well-formed or did not validate against our published schema"
S3_CONTROL = "/v20180820/"
"""S3 Control signs as S3 does; its paths would be read as buckets."""
Answer = tuple[int, dict[str, str], bytes]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def strict(application: Application) -> Application:
    """The WSGI application, reached only by requests that AWS would not refuse."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        service = service_of(environ)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        # A body without a length is an object in chunks: nothing of it is in a model.
        if service is None or "HTTP_TRANSFER_ENCODING" in environ:
            return application(environ, start_response)
        body = environ["wsgi.input"].read(length)
        refusal = judge(service, Request({**environ, "wsgi.input": io.BytesIO(body)}))
        if refusal is None:
            return application({**environ, "wsgi.input": io.BytesIO(body)}, start_response)
        status, headers, text = refusal
        start_response(f"{status} Bad Request", [*headers.items(), ("Content-Length", str(len(text)))])
        return [text if environ["REQUEST_METHOD"] != "HEAD" else b""]

    return answer


def service_of(environ: dict[str, Any]) -> str | None:
    """The model that judges a request: of the service in the signature's scope, .../us-east-1/s3/aws4_request."""
    scope = environ.get("HTTP_AUTHORIZATION", "").split(",")[0].split("/")
    if len(scope) == 5:
        is_control = environ.get("PATH_INFO", "").startswith(S3_CONTROL)
        return None if is_control else SERVICES.get(scope[3])
    return UNSIGNED.get(environ.get("HTTP_X_AMZ_TARGET", "").split(".")[0])


def judge(service: str, request: Request) -> Answer | None:
    """AWS's answer to a request that it refuses."""
    try:
        matched: tuple[Any, dict[str, Any]] = get_service_router(service).match(request)
    except (NotFound, NotImplementedError):
        return None
    operation, in_path = matched
    calls.note(request.headers.get("User-Agent", ""), service, operation.name)
    # Classic load balancers sign as the newer ones do and have other operations of the same name.
    version = operation.service_model.api_version
    if request.values.get("Version", version) != version:
        return None
    protocol = determine_request_protocol(operation.service_model, request.content_type)
    try:
        parameters = parse(protocol, operation, request, in_path)
    except (ValueError, TypeError, AttributeError, RequestParserError) as error:
        return _answer(operation, protocol, Refusal(UNREADABLE.get(protocol, COMMON[protocol]), str(error)))
    error = refuse(service, operation, parameters, code(operation, protocol))
    return error and _answer(operation, protocol, error)


def refuse(service: str, operation: Any, parameters: dict[str, Any], code: str) -> Refusal | None:
    """AWS's error for the parameters, with `code` where it has no name of its own."""
    shape = operation.input_shape
    found = [each for each in violations(shape, parameters) if not is_laxer(service, each)] if shape else []
    missing = [each.path for each in found if each.trait == "required"]
    if service == "ec2" and missing:
        # "Error codes for the Amazon EC2 API".
        return Refusal("MissingParameter", f"The request must contain the parameter {missing[0]}")
    if service == "s3" and found and "." in found[0].path:
        # Only what is in the XML of the body has a path of several members. "Error responses", S3 API reference.
        return Refusal("MalformedXML", f"{NOT_THE_SCHEMA}: {found[0].text}")
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected"
        return Refusal(code, f"{count}: {'; '.join(each.text for each in found)}")
    return refused(service, operation.name, parameters, code)


def parse(protocol: str, operation: Any, request: Request, in_path: dict[str, Any]) -> dict[str, Any]:
    """The operation's parameters by their names in the model; raises what moto's parsers raise."""
    parsed = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": in_path,
        }
    )
    # moto makes an empty list of one that is not in the query string.
    members: dict[str, Any] = operation.input_shape.members if operation.input_shape else {}
    return {name: each for name, each in parsed.items() if each != [] or not members[name].is_not_bound_to_body}


def code(operation: Any, protocol: str) -> str:
    """AWS's name of the error for a parameter that the model refuses."""
    declared = {shape.name for shape in operation.error_shapes}
    common = COMMON.get(operation.service_model.service_name, COMMON[protocol])
    return next((name for name in DECLARED if name in declared), common)


def _answer(operation: Any, protocol: str, error: Refusal) -> Answer:
    serializer = get_serializer_class(operation.service_model.service_name, protocol)(operation_model=operation)
    answer = serializer.serialize(error)
    text = answer["body"]
    return answer["status_code"], dict(answer["headers"]), text.encode() if isinstance(text, str) else text
