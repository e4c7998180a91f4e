"""The ECS cluster."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import EcsClusterCapacityProviders
from constructs import Construct


class Cluster(Construct):
    """A Fargate cluster with Container Insights, open to FARGATE and FARGATE_SPOT."""

    def __init__(self, scope: Construct, id_: str, *, name: str) -> None:
        super().__init__(scope, id_)
        cluster = EcsCluster(
            self,
            "Default",
            name=name,
            setting=[EcsClusterSetting(name="containerInsights", value="enabled")],
            tags={"Name": name},
        )
        self.id = cluster.id
        self.name = cluster.name
        EcsClusterCapacityProviders(
            self,
            "capacity_providers",
            cluster_name=self.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
        )
