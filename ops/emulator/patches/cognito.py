"""What the application needs of user pools."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

from moto.cognitoidp.models import cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult


def revoke_token() -> None:
    """Signing out revokes the refresh token. The request is unsigned, so the client id alone tells the region.

    moto has no RevokeToken.
    """

    def revoke(self: CognitoIdpResponse) -> ActionResult:
        token, client_id = self._get_param("Token"), self._get_param("ClientId")
        backends = [backend for regions in cognitoidp_backends.values() for backend in regions.values()]
        pools = [pool for backend in backends for pool in backend.user_pools.values() if client_id in pool.clients]
        for pool in pools:
            if token in pool.refresh_tokens:
                # As moto's own sign_out does; its refresh refuses such a token.
                pool.refresh_tokens[token] = None
                return EmptyResult()
        raise JsonRESTError("UnauthorizedException", "Refresh token is not issued to this client")

    CognitoIdpResponse.revoke_token = revoke  # pyright: ignore[reportAttributeAccessIssue]
