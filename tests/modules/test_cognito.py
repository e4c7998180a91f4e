from __future__ import annotations

from collections.abc import Callable

from constructs import Construct

from modules.cognito import Sender, UserPool
from tests.support import Output

Synth = Callable[[Callable[[Construct], object]], Output]


def users(scope: Construct) -> UserPool:
    return UserPool(scope, "users", name="u", client_name="web", deletion_protection=True, sender=None)


def test_codes_come_from_ses_where_an_address_is_given(synth: Synth) -> None:
    arn = "arn:aws:ses:eu-west-1:111111111111:identity/example.com"
    sender = Sender("no-reply@example.com", arn)
    stack = synth(
        lambda scope: UserPool(scope, "users", name="u", client_name="web", deletion_protection=True, sender=sender)
    )
    assert stack.one("aws_cognito_user_pool")["email_configuration"] == {
        "email_sending_account": "DEVELOPER",
        "from_email_address": "no-reply@example.com",
        "source_arn": arn,
    }
    assert "email_configuration" not in synth(users).one("aws_cognito_user_pool")


def test_passwords_have_twelve_characters_of_four_kinds(synth: Synth) -> None:
    policy = synth(users).one("aws_cognito_user_pool")["password_policy"]
    assert policy["minimum_length"] == 12
    kinds = ("require_lowercase", "require_numbers", "require_symbols", "require_uppercase")
    assert [policy[kind] for kind in kinds] == [True] * 4


def test_people_sign_up_with_an_address_that_is_confirmed(synth: Synth) -> None:
    pool = synth(users).one("aws_cognito_user_pool")
    assert pool["username_attributes"] == pool["auto_verified_attributes"] == ["email"]


def test_the_client_is_public_tells_nothing_of_who_exists_and_can_end_sessions(synth: Synth) -> None:
    client = synth(users).one("aws_cognito_user_pool_client")
    assert client["generate_secret"] is False
    assert client["explicit_auth_flows"] == ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["prevent_user_existence_errors"] == "ENABLED"
    assert client["enable_token_revocation"] is True


def test_a_client_that_was_imported_is_not_replaced_for_what_cannot_be_read_back(synth: Synth) -> None:
    client = synth(users).one("aws_cognito_user_pool_client")
    assert client["lifecycle"] == {"ignore_changes": ["generate_secret"]}


def test_administrators_are_a_group(synth: Synth) -> None:
    assert synth(users).one("aws_cognito_user_group")["name"] == "admins"
