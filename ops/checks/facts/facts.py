"""Everything that a diagnosis may ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from environments.settings import SERVICES, Settings
from ops.checks.facts import policies
from ops.checks.facts.database import Database
from ops.checks.facts.looking import Json, Looking
from ops.checks.facts.network import Network
from ops.checks.facts.service import Service
from ops.checks.facts.users import Users
from ops.core.aws import Aws, ask
from ops.delivery import deployed
from ops.state import digest, lock
from ops.state import file as state
from ops.state.lock import StateLock
from ops.terraform.synthesized import S3Backend

ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<repository>[^:@]+)")


@dataclass(frozen=True)
class Digests:
    """Of the state in the bucket, and the one in the lock table that Terraform compares it with; None: not there."""

    state: str | None
    table: str | None


class Facts:
    """Of one environment; each thing is asked when it is first used. Raises Unseen where AWS refuses."""

    def __init__(self, aws: Aws, settings: Settings, backend: S3Backend, target: str = "aws") -> None:
        self.settings, self.backend = settings, backend
        self.looking = Looking(aws, settings)
        self.network, self.database = Network(self.looking), Database(self.looking)
        self.users = Users(self.looking)
        self._aws, self._target = aws, target

    def command(self, words: str) -> str:
        """A command of this program for the same environment."""
        target = "" if self._target == "aws" else f" --target {self._target}"
        return f"`python -m ops {words} --env {self.settings.environment}{target}`"

    def aws(self, words: str) -> str:
        """A command of the AWS CLI that reaches the same account."""
        endpoint = f" --endpoint-url {self._aws.endpoint}" if self._aws.endpoint else ""
        return f"`aws --region {self._aws.region}{endpoint} {words}`"

    def update_service(self, service: Service, words: str) -> str:
        """The command that changes a service."""
        where = f"--cluster {self.settings.names.cluster} --service {service.names.ecs_service}"
        return self.aws(f"ecs update-service {where} {words}")

    @property
    def rehearsed(self) -> bool:
        return self._target == "emulator"

    @property
    def apply(self) -> str:
        """How the environment is applied."""
        if self.rehearsed:
            return f"`make up ENV={self.settings.environment}`"
        return f"`terraform apply` in cdktf.out/stacks/{self.settings.environment}"

    @cached_property
    def services(self) -> list[Service]:
        """Those that exist."""
        found = self.looking.at(
            "services", lambda: {name: deployed.describe(self._aws, self.settings, name) for name in SERVICES}
        )
        return [Service(self.looking, name, each) for name, each in found.items() if each]

    def image_exists(self, image: str) -> bool | None:
        """Whether the registry has it; None for an image that is not in ECR."""
        found = ECR.match(image)
        if found is None:
            return None
        name, at, digest = image.rpartition("/")[2].partition("@")
        id_ = {"imageDigest": digest} if at else {"imageTag": name.partition(":")[2] or "latest"}
        ecr = self.looking.client("ecr")
        answer: Json | None = self.looking.at(
            f"image {image}",
            lambda: ask(
                ecr.describe_images,
                registryId=found["account"],
                repositoryName=found["repository"],
                imageIds=[id_],
            ),
        )
        return answer is not None

    def secret(self, arn: str) -> Json | None:
        """What is known of a secret but its value; None if it does not exist."""
        manager = self.looking.client("secretsmanager")
        return self.looking.at(
            f"secret {arn.rpartition(':')[2]}",
            lambda: ask(manager.describe_secret, SecretId=arn),
        )

    def secret_versions(self, arn: str) -> set[str]:
        """Ids of all versions of a secret, those without a stage too."""
        manager = self.looking.client("secretsmanager")

        def read() -> set[str]:
            found = manager.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True)["Versions"]
            return {each["VersionId"] for each in found}

        return self.looking.at(f"versions of secret {arn.rpartition(':')[2]}", read)

    def secret_policy(self, arn: str) -> Json | None:
        """The policy that the secret itself has."""
        manager = self.looking.client("secretsmanager")

        def read() -> Json | None:
            text = manager.get_resource_policy(SecretId=arn).get("ResourcePolicy")
            return policies.parse(text) if text else None

        return self.looking.at(f"policy of secret {arn.rpartition(':')[2]}", read)

    def role_policies(self, arn: str) -> list[Json] | None:
        """The documents of a role's policies; None if the role does not exist."""
        name = arn.rpartition("/")[2]
        return self.looking.at(f"policies of {name}", lambda: ask(lambda: policies.of_role(self.looking, name)))

    @cached_property
    def lock(self) -> StateLock | None:
        """Raises UnknownLock too."""
        return self.looking.at("state lock", lambda: lock.read(self._aws, self.backend))

    @cached_property
    def digests(self) -> Digests:
        return self.looking.at("state and its digest", self._digests)

    def _digests(self) -> Digests:
        body = state.fetch(self._aws, self.backend)
        return Digests(None if body is None else digest.of(body), digest.read(self._aws, self.backend))
