"""Requests that AWS refuses, sent to the emulator by an SDK that does not look at them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ops.core.emulator_record import Record
from ops.core.endpoint import EMULATOR_CREDENTIALS
from rehearsal.aws import calls
from rehearsal.aws.requests import SERVICES, service_of
from tests.support import ROOT

Client = Callable[[str], Any]


def scope(service: str) -> str:
    """The header of a request that is signed for a service."""
    return f"AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=b"


@pytest.fixture(scope="session")
def careless(emulator: Record) -> Client:
    """A client that sends whatever it is given, by service name."""
    key, secret = EMULATOR_CREDENTIALS.values()
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-2")
    config = Config(parameter_validation=False, retries={"max_attempts": 1})
    make: Any = session.client
    return lambda service: make(service, endpoint_url=emulator.url, config=config)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "words"),
    [
        pytest.param(
            *("kms", "create_key", {"KeyUsage": "NONE"}, "ValidationException"),
            "1 validation error detected: Value 'NONE' at 'keyUsage' failed to satisfy constraint",
            id="json",
        ),
        pytest.param(
            *("logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException"),
            "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint",
            id="json, an error that the operation declares",
        ),
        pytest.param(
            *("ecs", "update_service", {"service": "a", "desiredCount": "two"}, "SerializationException"),
            "",
            id="json, another type",
        ),
        pytest.param(
            *("iam", "create_role", {"RoleName": "a b"}, "ValidationError"),
            "2 validation errors detected: Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: "
            "Member must not be null; Value 'a b' at 'roleName'",
            id="query",
        ),
        pytest.param(
            *("ec2", "create_security_group", {"GroupName": "a"}, "MissingParameter"),
            "The request must contain the parameter description",
            id="ec2, required",
        ),
        pytest.param(
            *("ec2", "create_vpc", {"CidrBlock": "10.9.0.0/16", "InstanceTenancy": "none"}, "InvalidParameterValue"),
            "1 validation error detected: Value 'none' at 'instanceTenancy' failed to satisfy constraint",
            id="ec2",
        ),
        pytest.param(
            *("backup", "create_backup_vault", {"BackupVaultName": "a b"}, "InvalidParameterValueException"),
            "1 validation error detected: Value 'a b' at 'backupVaultName' failed to satisfy constraint",
            id="rest-json, in the path",
        ),
        pytest.param(
            *("s3", "put_object", {"Bucket": "a", "Key": "b/c", "StorageClass": "COLD"}, "InvalidArgument"),
            "1 validation error detected: Value 'COLD' at 'storageClass' failed to satisfy constraint",
            id="rest-xml, in a header",
        ),
        pytest.param(
            *("s3", "put_bucket_versioning", {"Bucket": "a", "VersioningConfiguration": {"Status": "On"}}),
            *("MalformedXML", "did not validate against our published schema: Value 'On' at"),
            id="rest-xml, in the body",
        ),
    ],
)
def test_what_the_model_refuses_is_refused_with_the_error_of_its_protocol(
    careless: Client, service: str, operation: str, parameters: dict[str, Any], code: str, words: str
):
    with pytest.raises(ClientError) as refused:
        getattr(careless(service), operation)(**parameters)
    assert refused.value.response["Error"]["Code"] == code
    assert words in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        pytest.param("kms", "describe_key", {"KeyId": "alias/none"}, id="json"),
        pytest.param("iam", "get_role", {"RoleName": "none+=,.@-_"}, id="query"),
        pytest.param("ec2", "describe_vpcs", {"VpcIds": ["vpc-00000000"]}, id="ec2"),
        pytest.param("backup", "describe_backup_vault", {"BackupVaultName": "none"}, id="rest-json"),
        pytest.param("s3", "get_object", {"Bucket": "none", "Key": "a/b c+d"}, id="rest-xml"),
        pytest.param("sqs", "get_queue_url", {"QueueName": "none"}, id="a service that is not judged"),
        pytest.param(
            "elb", "describe_load_balancers", {"LoadBalancerNames": ["none"]}, id="one signature, two services"
        ),
    ],
)
def test_a_right_request_is_answered_by_moto(
    careless: Client, service: str, operation: str, parameters: dict[str, Any]
):
    with pytest.raises(ClientError, match=r"NotFound|NoSuch|NonExistent|ResourceNotFound"):
        getattr(careless(service), operation)(**parameters)


def test_every_service_that_ops_asks_is_judged():
    asked = {
        name
        for path in (ROOT / "ops").rglob("*.py")
        for name in re.findall(r'client\("([a-z0-9-]+)"\)', path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 10
    assert asked <= set(SERVICES.values())


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"HTTP_AUTHORIZATION": scope("elasticloadbalancing")}, "elbv2", id="the signature says"),
        pytest.param({"HTTP_AUTHORIZATION": scope("sqs")}, None, id="of a service that is not judged"),
        pytest.param({"HTTP_AUTHORIZATION": scope("s3"), "PATH_INFO": "/a/b"}, "s3", id="a bucket"),
        pytest.param(
            {"HTTP_AUTHORIZATION": scope("s3"), "PATH_INFO": "/v20180820/tags/a"}, None, id="S3 Control, not a bucket"
        ),
        pytest.param(
            {"HTTP_X_AMZ_TARGET": "AWSCognitoIdentityProviderService.SignUp"}, "cognito-idp", id="a sign-up, unsigned"
        ),
        pytest.param({"PATH_INFO": "/pool/.well-known/jwks.json"}, None, id="no call of an API"),
    ],
)
def test_a_request_is_judged_by_the_model_of_its_service(environ: dict[str, Any], expected: str | None):
    assert service_of(environ) == expected


def test_the_object_that_is_stored_arrives_whole(careless: Client):
    s3 = careless("s3")
    s3.create_bucket(Bucket="whole", CreateBucketConfiguration={"LocationConstraint": "us-east-2"})
    body = bytes(range(256)) * 5000
    s3.put_object(Bucket="whole", Key="a", Body=body)
    assert s3.get_object(Bucket="whole", Key="a")["Body"].read() == body


def test_a_call_is_kept_under_the_name_that_its_caller_gives_itself(emulator: Record) -> None:
    key, secret = EMULATOR_CREDENTIALS.values()
    session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-2")
    make: Any = session.client
    for config in (Config(), Config(user_agent_extra=calls.user_agent("somebody"))):
        make("kms", endpoint_url=emulator.url, config=config).list_keys()
    assert [each for each in calls.read(emulator.url) if each.name == "somebody"] == [
        calls.Call("somebody", "kms", "ListKeys")
    ]
