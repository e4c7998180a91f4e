"""boto3 sessions and clients for the emulator and for a real account."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import botocore.session
from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ops.core.endpoint import EMULATOR_CREDENTIALS, ENDPOINT, guard_emulator
from ops.core.errors import UserError

T = TypeVar("T")
NOWHERE = (None, None, None, None)


def error_code(error: ClientError) -> str:
    """The code in an error of AWS, such as NoSuchKey."""
    response = cast("dict[str, dict[str, str]]", error.response)
    return response["Error"]["Code"]


def is_absent(error: ClientError) -> bool:
    """Whether it says that something does not exist: each service has a code of its own."""
    code = error_code(error)
    response = cast("dict[str, dict[str, Any]]", error.response)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status == 404 or "NotFound" in code or code.startswith("NoSuch")


def ask(call: Callable[..., T], *codes: str, **arguments: Any) -> T | None:
    """The answer; None where AWS says that there is no such thing, or answers with one of these codes."""
    try:
        return call(**arguments)
    except ClientError as error:
        if is_absent(error) or error_code(error) in codes:
            return None
        raise


class Aws:
    """Clients that reach what a Terraform with the same environment reaches."""

    def __init__(self, environment: Mapping[str, str], region: str) -> None:
        self.region = region
        self.endpoint = environment.get(ENDPOINT)
        if self.endpoint is None:
            self._session = Session(region_name=region)
            return
        guard_emulator(environment)
        # Without profile and files, or a broken ~/.aws/config of the person ends the command.
        files = {"config_file": (None, None, os.devnull, None), "credentials_file": (None, None, os.devnull, None)}
        core = botocore.session.Session(session_vars={"profile": NOWHERE, **files})
        key, secret = EMULATOR_CREDENTIALS.values()
        core.set_credentials(key, secret)
        self._session = Session(botocore_session=core, region_name=region)

    def client(self, service: str) -> Any:
        """A client; boto3 makes them at run time, so they have no type."""
        config = Config(retries={"max_attempts": 2}, connect_timeout=5, proxies={} if self.endpoint else None)
        make = cast("Callable[..., Any]", self._session.client)
        return make(service, endpoint_url=self.endpoint, config=config)

    def require_account(self, expected: str) -> None:
        """Raises UserError unless the credentials in use are this account's."""
        try:
            account = str(self.client("sts").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            raise UserError(
                f"no usable AWS credentials: {error}; set AWS_PROFILE or log in, then repeat. For the embedded AWS "
                "that `make up` started, add --target emulator"
            ) from None
        if account != expected:
            raise UserError(
                f"these credentials are of account {account}, the settings say {expected}: use that account's, "
                "or change account_id in environments/*.tfvars"
            )
