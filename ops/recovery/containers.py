"""ECS, its autoscaling, and the image repositories."""

from __future__ import annotations

from collections.abc import Iterator

from ops.recovery.finding import Finder, Object, Wanted, listed, project_of


def cluster(wanted: Wanted) -> Iterator[Object]:
    for each in wanted.client("ecs").describe_clusters(clusters=[wanted.name])["clusters"]:
        if each["status"] == "ACTIVE":
            arn = each["clusterArn"]
            yield Object(arn, "name", wanted.name, {"arn": arn})


def capacity_providers(wanted: Wanted) -> Iterator[Object]:
    name = wanted.text("cluster_name")
    for each in wanted.client("ecs").describe_clusters(clusters=[name])["clusters"]:
        if each["status"] == "ACTIVE" and each.get("capacityProviders"):
            yield Object(name, "cluster")


def task_definition(wanted: Wanted) -> Iterator[Object]:
    """The newest revision; one that differs from the JSON is replaced by a newer one, as always."""
    family = wanted.text("family")
    arns = wanted.client("ecs").list_task_definitions(familyPrefix=family, status="ACTIVE", sort="DESC")
    for arn in arns["taskDefinitionArns"]:
        # The prefix finds longer names too.
        if arn.rpartition("/")[2].rpartition(":")[0] == family:
            yield Object(family, "family, newest revision", arn, {"arn": arn})
            return


def service(wanted: Wanted) -> Iterator[Object]:
    cluster_name = wanted.text("cluster").rpartition("/")[2]
    for each in listed(
        "services", wanted.client("ecs").describe_services, cluster=cluster_name, services=[wanted.name]
    ):
        if each["status"] == "ACTIVE":
            yield Object(each["serviceArn"], "cluster and name", f"{cluster_name}/{wanted.name}")


def scaling_target(wanted: Wanted) -> Iterator[Object]:
    namespace, dimension = wanted.text("service_namespace"), wanted.text("scalable_dimension")
    resource = wanted.text("resource_id")
    found = wanted.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace=namespace, ResourceIds=[resource], ScalableDimension=dimension
    )
    for _ in found["ScalableTargets"]:
        yield Object(resource, "service", f"{namespace}/{resource}/{dimension}")


def scaling_policy(wanted: Wanted) -> Iterator[Object]:
    namespace, dimension = wanted.text("service_namespace"), wanted.text("scalable_dimension")
    resource = wanted.text("resource_id")
    found = wanted.client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace=namespace, PolicyNames=[wanted.name], ResourceId=resource, ScalableDimension=dimension
    )
    for _ in found["ScalingPolicies"]:
        yield Object(wanted.name, "service and name", f"{namespace}/{resource}/{dimension}/{wanted.name}")


def repository(wanted: Wanted) -> Iterator[Object]:
    for each in listed("repositories", wanted.client("ecr").describe_repositories, repositoryNames=[wanted.name]):
        arn = each["repositoryArn"]
        tags = listed("tags", wanted.client("ecr").list_tags_for_resource, resourceArn=arn)
        yield Object(wanted.name, "name", attributes={"arn": arn}, project=project_of(tags))


FINDERS = {
    "aws_ecs_cluster": Finder(cluster),
    "aws_ecs_cluster_capacity_providers": Finder(capacity_providers),
    "aws_ecs_task_definition": Finder(task_definition),
    "aws_ecs_service": Finder(service),
    "aws_appautoscaling_target": Finder(scaling_target),
    "aws_appautoscaling_policy": Finder(scaling_policy),
    "aws_ecr_repository": Finder(repository),
}
