"""Whether AWS can be asked about an environment, and as whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
)

from environments.settings import Settings
from ops.core.aws import Aws


@dataclass(frozen=True)
class Reached:
    """AWS, and the account of the credentials."""

    aws: Aws
    account: str
    rehearsed: bool


@dataclass(frozen=True)
class Unasked:
    """Why AWS is not asked, which is no fault of the environment."""

    why: str


@dataclass(frozen=True)
class Refused:
    """What AWS, or the SDK, has against the credentials that there are."""

    why: str


Answer: TypeAlias = Reached | Unasked | Refused
Reach: TypeAlias = Callable[[Settings], Answer]


def offline(_: Settings) -> Answer:
    return Unasked("not asked: --offline")


def online(connect: Callable[[Settings], Aws], *, rehearsed: bool) -> Reach:
    """Ask each region once; the answer raises UserError where the target as such cannot be used."""
    known: dict[str, Answer] = {}

    def reach(settings: Settings) -> Answer:
        if settings.aws_region not in known:
            known[settings.aws_region] = ask(lambda: connect(settings), rehearsed=rehearsed)
        return known[settings.aws_region]

    return reach


def ask(make: Callable[[], Aws], *, rehearsed: bool) -> Answer:
    try:
        aws = make()  # reads the person's files, which may name a profile that is not there
        account = str(aws.client("sts").get_caller_identity()["Account"])
    except NoCredentialsError:
        return Unasked("not asked: no AWS credentials; set AWS_PROFILE or log in")
    except (ConnectionError, HTTPClientError) as error:
        return Unasked(f"not asked: AWS cannot be reached: {error}")
    except (BotoCoreError, ClientError) as error:
        return Refused(f"are not accepted: {error}; log in again, or set AWS_PROFILE")
    return Reached(aws, account, rehearsed)
