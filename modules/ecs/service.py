"""A service: so many tasks, behind the load balancer, replaced without a gap."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
)
from constructs import Construct

from modules.ecs.cluster import Cluster
from modules.ecs.scaling import Capacity, CpuScaling
from modules.ecs.task import Task
from modules.load_balancer import LoadBalancer, TargetGroup
from modules.security import SecurityGroup

# A new task's health is not counted for this long, seconds: its container check starts counting then too.
HEALTH_CHECK_GRACE = 60


class Service(Construct):
    """Rolling deployments that never go below the desired count and undo themselves when new tasks stay unhealthy.

    Autoscaling owns the task count after creation. With `image_from_pipeline` the pipeline owns the task
    definition too, and Terraform only makes new revisions for it to start from.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        cluster: Cluster,
        task: Task,
        capacity: Capacity,
        subnet_ids: Sequence[str],
        security_group: SecurityGroup,
        behind: tuple[LoadBalancer, TargetGroup],
        image_from_pipeline: bool,
    ) -> None:
        super().__init__(scope, id_)
        load_balancer, targets = behind
        if targets.port != task.container.port:
            raise ValueError(f"{name}: target group port {targets.port}, container port {task.container.port}")
        self._security_group = security_group
        self._port = task.container.port
        service = EcsService(
            self,
            "Default",
            name=name,
            cluster=cluster.id,
            task_definition=task.arn,
            desired_count=capacity.desired,
            launch_type="FARGATE",
            platform_version="LATEST",
            scheduling_strategy="REPLICA",
            # ECS has it on unless told otherwise, but the provider tells: "Balancing an Amazon ECS service across
            # Availability Zones". It needs a maximum above 100 %, which the next line has.
            availability_zone_rebalancing="ENABLED",
            force_new_deployment=True,
            deployment_maximum_percent=200,
            deployment_minimum_healthy_percent=100,
            health_check_grace_period_seconds=HEALTH_CHECK_GRACE,
            propagate_tags="SERVICE",
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=list(subnet_ids),
                security_groups=[security_group.id],
                assign_public_ip=False,
            ),
            load_balancer=[
                EcsServiceLoadBalancer(
                    target_group_arn=targets.arn,
                    container_name=task.container.name,
                    container_port=task.container.port,
                )
            ],
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=["desired_count", "task_definition"] if image_from_pipeline else ["desired_count"]
            ),
            # The first tasks need every grant of the role that starts them.
            depends_on=[load_balancer.listener, *task.execution_role.grants],
            tags={"Name": name},
        )
        self.name = service.name
        CpuScaling(self, "scaling", cluster_name=cluster.name, service_name=self.name, capacity=capacity)

    def allow_from(self, load_balancer: LoadBalancer, *, previous_port: int = 0) -> None:
        """Let the load balancer reach the tasks on their port, and on the previous one if there still is one.

        An apply ends while the old tasks serve, and ECS may return to them: their way in has to outlive it.
        """
        self._security_group.allow_from(load_balancer.security_group, self._port)
        if previous_port:
            self._security_group.allow_from(load_balancer.security_group, previous_port)
