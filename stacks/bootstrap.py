"""Once per AWS account: what every environment needs before it can exist."""

from __future__ import annotations

from constructs import Construct

from environments.names import DEPLOYED, repository_id
from environments.settings import Account
from modules.ecr import Repository
from modules.github_oidc import GithubOidc
from modules.state_backend import StateBackend
from stacks.base import BaseStack


class BootstrapStack(BaseStack):
    """State bucket and lock tables, image repositories, and the roles of the pipeline."""

    def __init__(self, scope: Construct, id_: str, account: Account) -> None:
        super().__init__(
            scope,
            id_,
            region=account.aws_region,
            account_id=account.account_id,
            backend=account.backend,
            tags={**account.tags, "Project": account.project, "Environment": "shared"},
        )
        state = StateBackend(
            self,
            "state",
            bucket=account.backend.bucket,
            replica_bucket=account.state_replica_bucket,
            replica_provider=self.provider_in(account.state_replica_region, "replica"),
            replication_role=f"{account.project}-state-replication",
            lock_tables=account.lock_tables,
        )
        # In a scope of their own: a repository may be called as anything else here is, `backend` or `state`.
        images = Construct(self, "Default")
        repositories = [
            Repository(images, repository_id(name), name=name, spared_prefix=DEPLOYED) for name in account.repositories
        ]
        github = GithubOidc(
            self,
            "github",
            repository=account.github_repository,
            provider=account.github_oidc_provider,
            project=account.project,
            account_id=account.account_id,
        )

        protected = [state.bucket.arn, f"{state.bucket.arn}/*", state.replica.arn, f"{state.replica.arn}/*"]
        protected += list(state.lock_table_arns.values())
        protected += [repository.arn for repository in repositories]
        plan_role = github.add_plan_role(region=account.aws_region)
        apply_roles = {
            environment: github.add_apply_role(environment, protected_arns=protected)
            for environment in account.environments
        }

        self.output("state_bucket", state.bucket.id, "Bucket of every Terraform state")
        self.output("state_replica_bucket", state.replica.id, "Copy of the state bucket in another region")
        self.output("plan_role_arn", plan_role, "Role of the pull request workflow")
        for environment, role in apply_roles.items():
            self.output(f"apply_role_arn_{environment}", role, f"Role that deploys {environment}")
        for name, repository in zip(account.repositories, repositories, strict=True):
            self.output(f"{repository_id(name)}_repository_url", repository.url, f"Where {name} images are pushed")
