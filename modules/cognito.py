"""Who may sign in: a Cognito user pool, its web client and the administrators' group."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cognito_user_group import CognitoUserGroup
from cdktf_cdktf_provider_aws.cognito_user_pool import (
    CognitoUserPool,
    CognitoUserPoolAccountRecoverySetting,
    CognitoUserPoolAccountRecoverySettingRecoveryMechanism,
    CognitoUserPoolEmailConfiguration,
    CognitoUserPoolPasswordPolicy,
    CognitoUserPoolUsernameConfiguration,
)
from cdktf_cdktf_provider_aws.cognito_user_pool_client import (
    CognitoUserPoolClient,
    CognitoUserPoolClientTokenValidityUnits,
)
from constructs import Construct


@dataclass(frozen=True)
class Sender:
    """An address that SES may send from, and the ARN of its verified identity."""

    address: str
    identity_arn: str


class UserPool(Construct):
    """Sign-up by e-mail address with a confirmation code; passwords of 12 characters and four kinds.

    Without a `sender` Cognito writes from an address of its own, about 50 messages a day: "Email settings for Amazon
    Cognito user pools". The client has no secret. Access and ID tokens live 60 minutes, refresh tokens 30 days.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        client_name: str,
        deletion_protection: bool,
        sender: Sender | None,
    ) -> None:
        super().__init__(scope, id_)
        pool = CognitoUserPool(
            self,
            "Default",
            name=name,
            username_attributes=["email"],
            username_configuration=CognitoUserPoolUsernameConfiguration(case_sensitive=False),
            auto_verified_attributes=["email"],
            mfa_configuration="OFF",
            password_policy=CognitoUserPoolPasswordPolicy(
                minimum_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_numbers=True,
                require_symbols=True,
                temporary_password_validity_days=7,
            ),
            account_recovery_setting=CognitoUserPoolAccountRecoverySetting(
                recovery_mechanism=[
                    CognitoUserPoolAccountRecoverySettingRecoveryMechanism(name="verified_email", priority=1)
                ]
            ),
            email_configuration=CognitoUserPoolEmailConfiguration(
                email_sending_account="DEVELOPER", from_email_address=sender.address, source_arn=sender.identity_arn
            )
            if sender
            else None,
            deletion_protection="ACTIVE" if deletion_protection else "INACTIVE",
            tags={"Name": name},
        )
        self.id = pool.id
        client = CognitoUserPoolClient(
            self,
            "client",
            name=client_name,
            user_pool_id=self.id,
            generate_secret=False,
            # Cannot be read back: after an import the client would be replaced for it.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["generate_secret"]),
            explicit_auth_flows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=60,
            id_token_validity=60,
            refresh_token_validity=30,
            token_validity_units=[
                CognitoUserPoolClientTokenValidityUnits(
                    access_token="minutes", id_token="minutes", refresh_token="days"
                )
            ],
        )
        self.client_id = client.id
        CognitoUserGroup(
            self, "admins", name="admins", user_pool_id=self.id, description="May list the users of the application"
        )
