"""The user pool's side of sign-in."""

from __future__ import annotations

from ops.checks.facts.looking import Json, Looking
from ops.core.aws import ask


class Users:
    """Cognito's pools and clients."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking

    @property
    def pool_id(self) -> str | None:
        """The environment's own pool, by its name."""
        cognito, name = self._looking.client("cognito-idp"), self._looking.settings.names.user_pool

        def read() -> str | None:
            pages = cognito.get_paginator("list_user_pools").paginate(MaxResults=60)
            return next((each["Id"] for page in pages for each in page["UserPools"] if each["Name"] == name), None)

        return self._looking.at(f"user pool {name}", read)

    def pool_name(self, pool: str) -> str | None:
        """None where no pool has this id."""
        cognito = self._looking.client("cognito-idp")
        found: Json | None = self._looking.at(
            f"user pool {pool}",
            # An id that cannot be one is refused as a wrong parameter.
            lambda: ask(cognito.describe_user_pool, "InvalidParameterException", UserPoolId=pool),
        )
        return found["UserPool"]["Name"] if found else None

    def clients(self, pool: str) -> dict[str, str]:
        """Names of a pool's clients by their ids."""
        cognito = self._looking.client("cognito-idp")

        def read() -> dict[str, str]:
            pages = cognito.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool, MaxResults=60)
            return {each["ClientId"]: each["ClientName"] for page in pages for each in page["UserPoolClients"]}

        return self._looking.at(f"clients of user pool {pool}", lambda: ask(read) or {})
