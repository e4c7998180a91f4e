"""Deletion protection, where moto stores the setting and deletes all the same."""

from __future__ import annotations

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpBackend
from moto.elbv2.exceptions import ELBClientError
from moto.elbv2.models import ELBv2Backend


def load_balancers() -> None:
    """AWS refuses to delete a load balancer whose deletion_protection.enabled is true."""
    delete = ELBv2Backend.delete_load_balancer

    def delete_load_balancer(self: ELBv2Backend, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        delete(self, arn)

    ELBv2Backend.delete_load_balancer = delete_load_balancer


def user_pools() -> None:
    """AWS refuses to delete a user pool whose DeletionProtection is ACTIVE."""
    delete = CognitoIdpBackend.delete_user_pool

    def delete_user_pool(self: CognitoIdpBackend, user_pool_id: str) -> None:
        if self.describe_user_pool(user_pool_id).extended_config.get("DeletionProtection") == "ACTIVE":
            raise InvalidParameterException(
                "The user pool cannot be deleted because deletion protection is activated. "
                "Deletion protection must be inactivated first."
            )
        delete(self, user_pool_id)

    CognitoIdpBackend.delete_user_pool = delete_user_pool
