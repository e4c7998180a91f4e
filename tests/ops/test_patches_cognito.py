"""What the application needs of user pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

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
