"""What the application needs of user pools."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from environments.settings import Settings
from ops.commands import status
from ops.core.emulator_record import Record
from ops.core.files import write_atomically
from ops.core.paths import Work
from ops.session import Session
from rehearsal.aws import mail

USER = {"USERNAME": "a@example.com", "PASSWORD": "Correct-Horse-7"}


def test_a_revoked_refresh_token_is_refused(client: Callable[[str], Any]) -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="revoke", UsernameAttributes=["email"])["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    client_id = made["UserPoolClient"]["ClientId"]
    cognito.sign_up(ClientId=client_id, Username=USER["USERNAME"], Password=USER["PASSWORD"])
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username=USER["USERNAME"])
    signed_in = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=USER)
    token = signed_in["AuthenticationResult"]["RefreshToken"]
    refresh = {"ClientId": client_id, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}}
    assert "AccessToken" in cognito.initiate_auth(**refresh)["AuthenticationResult"]

    cognito.revoke_token(Token=token, ClientId=client_id)

    with pytest.raises(ClientError, match="NotAuthorizedException"):
        cognito.initiate_auth(**refresh)


def test_a_token_of_somebody_else_is_not_revoked(client: Callable[[str], Any]) -> None:
    with pytest.raises(ClientError, match="UnauthorizedException"):
        client("cognito-idp").revoke_token(Token="another", ClientId="unknown")


@dataclass
class Person:
    """Somebody who signed up, with the pool's client that they use."""

    cognito: Any
    client_id: str
    emulator: str
    email: str
    pool: str

    @property
    def named(self) -> dict[str, str]:
        return {"ClientId": self.client_id, "Username": self.email}

    def codes(self) -> list[str]:
        """What was mailed to them, newest first."""
        return [message.code for message in mail.read(self.emulator) if message.to == self.email]

    def confirm(self, code: str) -> None:
        self.cognito.confirm_sign_up(**self.named, ConfirmationCode=code)

    def reset(self, code: str, password: str = "Another-Horse-8") -> None:
        self.cognito.confirm_forgot_password(**self.named, ConfirmationCode=code, Password=password)

    def sign_in(self, password: str) -> None:
        parameters = {"USERNAME": self.email, "PASSWORD": password}
        self.cognito.initiate_auth(ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)

    def other(self, **changes: Any) -> Person:
        return Person(**{**self.__dict__, **changes})


@pytest.fixture
def person(client: Callable[[str], Any], emulator: Record) -> Person:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="codes", UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])[
        "UserPool"
    ]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )
    email = f"{secrets.token_hex(6)}@example.com"
    person = Person(cognito, made["UserPoolClient"]["ClientId"], emulator.url, email, pool)
    cognito.sign_up(**person.named, Password=USER["PASSWORD"])
    return person


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def legacy(person: Person) -> Person:
    """The same user, of a client that tells who exists."""
    made = person.cognito.create_user_pool_client(
        UserPoolId=person.pool, ClientName="legacy", PreventUserExistenceErrors="LEGACY"
    )
    return person.other(client_id=made["UserPoolClient"]["ClientId"])


def test_only_the_code_that_was_sent_confirms_and_only_once(person: Person) -> None:
    (code,) = person.codes()
    with pytest.raises(ClientError, match="CodeMismatchException"):
        person.confirm(wrong(code))
    with pytest.raises(ClientError, match="UserNotConfirmedException"):
        person.sign_in(USER["PASSWORD"])
    person.confirm(code)
    with pytest.raises(ClientError, match=r"NotAuthorizedException.*Current status is CONFIRMED"):
        person.confirm(code)
    person.sign_in(USER["PASSWORD"])


def test_a_new_code_makes_the_earlier_one_wrong(person: Person) -> None:
    (first,) = person.codes()
    answer = person.cognito.resend_confirmation_code(**person.named)
    assert answer["CodeDeliveryDetails"]["AttributeName"] == "email"
    second, _ = person.codes()
    with pytest.raises(ClientError, match="CodeMismatchException"):
        person.confirm(first)
    person.confirm(second)


def test_a_confirmed_user_gets_no_new_code_and_only_an_old_client_is_told_so(person: Person) -> None:
    person.confirm(*person.codes())
    person.cognito.resend_confirmation_code(**person.named)
    with pytest.raises(ClientError, match="InvalidParameterException"):
        person.cognito.resend_confirmation_code(**legacy(person).named)
    assert len(person.codes()) == 1


def test_a_forgotten_password_takes_the_newest_code_once_and_holds_to_the_policy(person: Person) -> None:
    person.confirm(*person.codes())
    with pytest.raises(ClientError, match="ExpiredCodeException"):
        person.reset(person.codes()[0])
    person.cognito.forgot_password(**person.named)
    person.cognito.forgot_password(**person.named)
    newest, before, _ = person.codes()
    with pytest.raises(ClientError, match="CodeMismatchException"):
        person.reset(before)
    with pytest.raises(ClientError, match="InvalidPasswordException"):
        person.reset(newest, "short")
    person.reset(newest)
    with pytest.raises(ClientError, match="ExpiredCodeException"):
        person.reset(newest)
    person.sign_in("Another-Horse-8")


def test_an_address_that_was_never_confirmed_gets_no_code_for_a_new_password(person: Person) -> None:
    person.cognito.forgot_password(**person.named)
    assert len(person.codes()) == 1, "but the one that confirms it"
    with pytest.raises(ClientError, match=r"InvalidParameterException.*no registered/verified email"):
        person.cognito.forgot_password(**legacy(person).named)
    # An administrator who confirms the account has not read the mail either.
    person.cognito.admin_confirm_sign_up(UserPoolId=person.pool, Username=person.email)
    person.cognito.forgot_password(**person.named)
    assert len(person.codes()) == 1


def test_who_does_not_exist_is_answered_like_who_does(person: Person) -> None:
    nobody = person.other(email="a-nobody@example.com")
    for operation in ("resend_confirmation_code", "forgot_password"):
        ask = getattr(person.cognito, operation)
        assert ask(**nobody.named)["CodeDeliveryDetails"] == {
            "Destination": "a***@e***",
            "DeliveryMedium": "EMAIL",
            "AttributeName": "email",
        }
        with pytest.raises(ClientError, match="UserNotFoundException"):
            ask(**legacy(nobody).named)
    assert nobody.codes() == []
    with pytest.raises(ClientError, match="ExpiredCodeException"):
        nobody.confirm("123456")
    with pytest.raises(ClientError, match="CodeMismatchException"):
        nobody.reset("123456")


def test_a_disabled_user_gets_no_code(person: Person) -> None:
    person.confirm(*person.codes())
    person.cognito.admin_disable_user(UserPoolId=person.pool, Username=person.email)
    person.cognito.forgot_password(**person.named)
    assert len(person.codes()) == 1


def test_status_shows_the_codes_that_were_sent(
    person: Person,
    emulator: Record,
    settings: dict[str, Settings],
    work: Work,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(status, "STACKS", tmp_path)
    write_atomically(work.emulator_record, emulator.to_json())
    status.run(Session(settings["staging"], work=work))
    (code,) = person.codes()
    assert f"{person.email}  {code} confirms the address" in capsys.readouterr().out


def test_how_users_are_named_outlives_an_update_of_the_pool(client: Callable[[str], Any]):
    cognito = client("cognito-idp")
    named = {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}}
    pool = cognito.create_user_pool(PoolName="updated", **named)["UserPool"]["Id"]
    cognito.update_user_pool(UserPoolId=pool, DeletionProtection="ACTIVE")
    found = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert found["DeletionProtection"] == "ACTIVE"
    assert {key: found[key] for key in named} == named


def test_a_pool_that_exists_is_tagged(client: Callable[[str], Any]):
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="tagged", UserPoolTags={"Name": "tagged", "Old": "1"})["UserPool"]
    cognito.tag_resource(ResourceArn=pool["Arn"], Tags={"New": "2"})
    cognito.untag_resource(ResourceArn=pool["Arn"], TagKeys=["Old"])
    tags = {"Name": "tagged", "New": "2"}
    assert cognito.list_tags_for_resource(ResourceArn=pool["Arn"])["Tags"] == tags
    assert cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]["UserPoolTags"] == tags
