"""What every stack has: provider, default tags, state backend, outputs and addresses that a person can type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsii
from cdktf import S3Backend, TerraformOutput, TerraformResource, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct, Node

import lazy_bindings
from environments.settings import Backend

REQUIRED_TERRAFORM = ">= 1.11.0"


class BaseStack(TerraformStack):
    """A stack in one region of one account; Terraform refuses to run it with another account's credentials."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        region: str,
        account_id: str,
        backend: Backend,
        tags: Mapping[str, str],
    ) -> None:
        self._paths: dict[tuple[str, str], str] = {}
        super().__init__(scope, id_)
        # Read by CDKTF's fork alone, which takes Terraform for older and then refuses write-only arguments.
        self.node.set_context("targetVersions", {"terraform": REQUIRED_TERRAFORM})
        self.node.set_context("addresses", "path")
        self._account_id = account_id
        self._tags = AwsProviderDefaultTags(tags={**tags, "ManagedBy": "terraform"})
        self.add_override("terraform.required_version", REQUIRED_TERRAFORM)
        self.add_override("terraform.required_providers.aws", {"source": "hashicorp/aws", "version": "~> 5.100"})
        AwsProvider(self, "aws", region=region, allowed_account_ids=[account_id], default_tags=[self._tags])
        S3Backend(
            self,
            bucket=backend.bucket,
            key=backend.key,
            region=backend.region,
            dynamodb_table=backend.dynamodb_table,
            encrypt=backend.encrypt,
        )

    def provider_in(self, region: str, alias: str) -> AwsProvider:
        """Return a second provider of the same account, in another region."""
        return AwsProvider(
            self,
            f"aws_{alias}",
            alias=alias,
            region=region,
            allowed_account_ids=[self._account_id],
            default_tags=[self._tags],
        )

    def output(self, name: str, value: object, description: str) -> None:
        """Publish a value under exactly this name; the pipeline and the operators' commands read it by that name."""
        TerraformOutput(self, name, value=value, description=description)

    if not lazy_bindings.addresses_in_node():

        @jsii.member(jsii_name="allocateLogicalId")
        def _allocate_logical_id(self, tf_element: Any) -> str:
            """Name an element by its path: `vpc/public_a` becomes `vpc_public_a`, without a hash.

            A resource's hyphens, which come from an environment's name, become `_` too; an output keeps them.

            Raises ValueError when two elements of one type would get the same address: CDKTF would merge them.
            """
            is_resource = isinstance(tf_element, TerraformResource)
            if is_resource:
                # A resource's text is its path: one round trip to Node where node and path are two.
                path = tf_element.to_string()
            else:
                path = (tf_element if isinstance(tf_element, Node) else tf_element.node).path
            name = "_".join(part for part in path.split("/")[1:] if part != "Default")
            name = name.replace("-", "_") if is_resource else name
            key = (type(tf_element).__name__, name)
            if self._paths.setdefault(key, path) != path:
                raise ValueError(f"{path} and {self._paths[key]} would both be {key[0]} {name!r}; rename one")
            return name
