"""A password that is made while Terraform runs, and that neither plan nor state ever holds."""

from __future__ import annotations

from cdktf import TerraformStack
from constructs import Construct

TYPE = "aws_secretsmanager_random_password"
LENGTH = 40
"""Letters and digits: about 238 bits."""


def random_password(scope: Construct, id_: str) -> str:
    """Return a reference that only write-only arguments take; letters and digits alone, so a URL takes it as it is.

    Secrets Manager makes another one for every plan and every apply (GetRandomPassword). The one that counts is that of
    the apply in which the version beside the write-only argument moves. The bindings have no ephemeral resources, hence
    the override.
    """
    TerraformStack.of(scope).add_override(
        f"ephemeral.{TYPE}.{id_}", {"password_length": LENGTH, "exclude_punctuation": True}
    )
    return f"${{ephemeral.{TYPE}.{id_}.random_password}}"
