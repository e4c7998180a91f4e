"""Once per AWS account: what every environment needs before it can exist."""

from __future__ import annotations

from constructs import Construct

from environments.names import DEPLOYED, repository_id
from environments.settings import BOOTSTRAP, Account, state_key
from modules.boundary import Boundary, Confines
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
        for environment in account.environments:
            self._roles(account, environment, github, state, protected)

        self.output("state_bucket", state.bucket.id, "Bucket of every Terraform state")
        self.output("state_replica_bucket", state.replica.id, "Copy of the state bucket in another region")
        for name, repository in zip(account.repositories, repositories, strict=True):
            self.output(f"{repository_id(name)}_repository_url", repository.url, f"Where {name} images are pushed")

    def _roles(
        self, account: Account, environment: str, github: GithubOidc, state: StateBackend, protected: list[str]
    ) -> None:
        """The roles that plan, watch and deploy one environment, and the boundary of those that it makes."""
        others = [other for other in account.environments if other != environment]
        buckets = (state.bucket.arn, state.replica.arn)
        states = [state_key(account.project, stack) for stack in (BOOTSTRAP, *others)]
        foreign = [f"{bucket}/{state}" for bucket in buckets for state in states]
        foreign += [arn for stack, arn in state.lock_table_arns.items() if stack != environment]
        confines = Confines(
            project=account.project,
            account_id=account.account_id,
            environment=environment,
            others=others,
            passwords_from_rds=[other for other in others if other in account.passwords_from_rds],
        )
        boundary = Boundary(
            self,
            f"boundary_{environment}",
            name=account.boundaries[environment],
            confines=confines,
            state_arns=[*buckets, *(f"{bucket}/*" for bucket in buckets), *state.lock_table_arns.values()],
        )
        own_state = f"{state.bucket.arn}/{state_key(account.project, environment)}"
        lock_table = state.lock_table_arns[environment]
        plan = github.add_plan_role(environment, state_arn=own_state, lock_table_arn=lock_table)
        drift = github.add_drift_role(
            environment, region=account.aws_region, state_arn=own_state, lock_table_arn=lock_table
        )
        apply = github.add_apply_role(
            confines, boundary_arn=boundary.arn, protected_arns=protected, foreign_arns=foreign
        )
        self.output(f"plan_role_arn_{environment}", plan, f"Role that plans pull requests for {environment}")
        self.output(
            f"drift_role_arn_{environment}", drift, f"Role that plans main for {environment} and looks for drift"
        )
        self.output(f"apply_role_arn_{environment}", apply, f"Role that deploys {environment}")
