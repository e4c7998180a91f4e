"""What the application needs of user pools."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

from typing import Any

from moto.cognitoidp.exceptions import (
    CodeMismatchException,
    ExpiredCodeException,
    InvalidParameterException,
    NotAuthorizedError,
    ResourceNotFoundError,
    UserNotFoundError,
)
from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUser,
    CognitoIdpUserPool,
    UserStatus,
    cognitoidp_backends,
)
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult

from rehearsal.aws import mail
from rehearsal.aws.codes import Codes, Purpose, Verdict

MADE_WITH = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
TAGS = "UserPoolTags"


def revoke_token() -> None:
    """Signing out revokes the refresh token. The request is unsigned, so the region follows from the client id alone.

    moto has no RevokeToken.
    """

    def revoke(self: CognitoIdpResponse) -> ActionResult:
        token, client_id = self._get_param("Token"), self._get_param("ClientId")
        for pool in _pools_of(client_id):
            if token in pool.refresh_tokens:
                # As moto's own sign_out does; its refresh refuses such a token.
                pool.refresh_tokens[token] = None
                return EmptyResult()
        raise JsonRESTError("UnauthorizedException", "Refresh token is not issued to this client")

    CognitoIdpResponse.revoke_token = revoke  # pyright: ignore[reportAttributeAccessIssue]


def what_a_pool_is_made_with() -> None:
    """How users are named is decided when a pool is made: "UpdateUserPool" has no parameter for it.

    moto forgets it with the first update, and the next plan replaces the pool.
    """
    update = CognitoIdpUserPool.update_extended_config

    def update_extended_config(self: CognitoIdpUserPool, extended_config: dict[str, Any]) -> None:
        before: dict[str, Any] = vars(self).get("extended_config", {})
        kept = {key: before[key] for key in MADE_WITH if key in before}
        update(self, extended_config)
        self.extended_config.update(kept)

    CognitoIdpUserPool.update_extended_config = update_extended_config


def tags_of_pools() -> None:
    """The provider tags a pool that exists by TagResource, which moto answers with 500: retried for an hour."""

    def tags_of(response: CognitoIdpResponse) -> dict[str, str]:
        arn = response._get_param("ResourceArn")
        pool = response.backend.describe_user_pool(arn.rpartition("/")[2])
        return pool.extended_config.setdefault(TAGS, {})

    def tag_resource(self: CognitoIdpResponse) -> ActionResult:
        tags_of(self).update(self._get_param("Tags"))
        return EmptyResult()

    def untag_resource(self: CognitoIdpResponse) -> ActionResult:
        tags = tags_of(self)
        for key in self._get_param("TagKeys"):
            tags.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self: CognitoIdpResponse) -> ActionResult:
        return ActionResult({"Tags": tags_of(self)})

    for method in (tag_resource, untag_resource, list_tags_for_resource):
        setattr(CognitoIdpResponse, method.__name__, method)


def confirmation_codes() -> None:
    """Only the code that was sent last, in time, confirms an address or sets a new password.

    moto takes any code, has no ResendConfirmationCode, and sends a code for a new password to an address that nobody
    confirmed. Which user a client may learn of: "Managing user existence error responses", Cognito developer guide.
    """
    codes = Codes()
    sign_up, confirm_forgot_password = CognitoIdpBackend.sign_up, CognitoIdpBackend.confirm_forgot_password

    def send(user: CognitoIdpUser, purpose: Purpose) -> None:
        mail.send(user.attribute_lookup["email"], purpose.subject, codes.new(user.id, purpose))

    def take(user: CognitoIdpUser, purpose: Purpose, code: str) -> None:
        verdict = codes.judge(user.id, purpose, code)
        if verdict is Verdict.EXPIRED:
            raise _expired()
        if verdict is Verdict.WRONG:
            raise _mismatch()

    def signed_up(self: CognitoIdpBackend, *arguments: Any, **named: Any) -> tuple[CognitoIdpUser, Any]:
        user, delivery = sign_up(self, *arguments, **named)
        if delivery and "email" in user.attribute_lookup:
            send(user, Purpose.SIGN_UP)
        return user, delivery

    def confirm(self: CognitoIdpResponse) -> ActionResult:
        user = _user(self)
        if user is None:
            raise _expired() if _hides_users(self) else _unknown()
        if user.status is not UserStatus.UNCONFIRMED:
            raise NotAuthorizedError(f"User cannot be confirmed. Current status is {UserStatus(user.status).value}")
        take(user, Purpose.SIGN_UP, self._get_param("ConfirmationCode"))
        codes.spend(user.id, Purpose.SIGN_UP)
        user.status = UserStatus.CONFIRMED
        user.update_attributes([{"Name": "email_verified", "Value": "true"}])
        return EmptyResult()

    def resend(self: CognitoIdpResponse) -> ActionResult:
        user = _user(self)
        if user is not None and user.enabled and user.status is UserStatus.UNCONFIRMED:
            send(user, Purpose.SIGN_UP)
        elif not _hides_users(self):
            raise InvalidParameterException("User is already confirmed.") if user else _unknown()
        return _delivery(self)

    def forgot(self: CognitoIdpResponse) -> ActionResult:
        user = _user(self)
        if user is not None and user.enabled and user.attribute_lookup.get("email_verified") == "true":
            send(user, Purpose.NEW_PASSWORD)
        elif not _hides_users(self):
            raise InvalidParameterException(UNVERIFIED) if user else _unknown()
        return _delivery(self)

    def reset(self: CognitoIdpResponse) -> ActionResult:
        user = _user(self)
        if user is None or not user.enabled:
            raise _mismatch() if _hides_users(self) else _unknown()
        code, password = self._get_param("ConfirmationCode"), self._get_param("Password")
        take(user, Purpose.NEW_PASSWORD, code)
        pool = _pool(self)
        pool.backend._validate_password(pool.id, password)
        codes.spend(user.id, Purpose.NEW_PASSWORD)
        confirm_forgot_password(pool.backend, self._get_param("ClientId"), self._get_param("Username"), password, code)
        return EmptyResult()

    CognitoIdpBackend.sign_up = signed_up
    CognitoIdpResponse.confirm_sign_up = confirm
    CognitoIdpResponse.forgot_password = forgot
    CognitoIdpResponse.confirm_forgot_password = reset
    CognitoIdpResponse.resend_confirmation_code = resend  # pyright: ignore[reportAttributeAccessIssue]


# "Why doesn't Amazon Cognito send the verification code email", AWS knowledge center.
UNVERIFIED = "Cannot reset password for the user as there is no registered/verified email or phone_number"


def _pools_of(client_id: str) -> list[CognitoIdpUserPool]:
    backends = [backend for regions in cognitoidp_backends.values() for backend in regions.values()]
    return [pool for backend in backends for pool in backend.user_pools.values() if client_id in pool.clients]


def _pool(request: CognitoIdpResponse) -> CognitoIdpUserPool:
    client_id = request._get_param("ClientId")
    pools = _pools_of(client_id)
    if not pools:
        raise ResourceNotFoundError(f"User pool client {client_id} does not exist.")
    return pools[0]


def _user(request: CognitoIdpResponse) -> CognitoIdpUser | None:
    return _pool(request)._get_user(request._get_param("Username"))


def _hides_users(request: CognitoIdpResponse) -> bool:
    client = _pool(request).clients[request._get_param("ClientId")]
    return client.extended_config.get("PreventUserExistenceErrors") == "ENABLED"


def _delivery(request: CognitoIdpResponse) -> ActionResult:
    """Made from the request alone, so that it does not reveal who has an account."""
    name, _, domain = request._get_param("Username").partition("@")
    where = {"Destination": f"{name[:1]}***@{domain[:1]}***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    return ActionResult({"CodeDeliveryDetails": where})


def _expired() -> ExpiredCodeException:
    return ExpiredCodeException("Invalid code provided, please request a code again.")


def _mismatch() -> CodeMismatchException:
    return CodeMismatchException("Invalid verification code provided, please try again.")


def _unknown() -> UserNotFoundError:
    return UserNotFoundError("Username/client id combination not found.")
