"""Services as the ECS API describes them."""

from __future__ import annotations

from typing import Any

from ops.core.aws import Aws


def read_services(aws: Aws, cluster: str) -> list[dict[str, Any]]:
    """The cluster's active services, each with the CIDRs of its subnets."""
    ecs = aws.client("ecs")
    try:
        arns = [
            arn for page in ecs.get_paginator("list_services").paginate(cluster=cluster) for arn in page["serviceArns"]
        ]
        # DescribeServices takes ten.
        found = [
            service
            for start in range(0, len(arns), 10)
            for service in ecs.describe_services(cluster=cluster, services=arns[start : start + 10])["services"]
            if service["status"] == "ACTIVE"
        ]
    except ecs.exceptions.ClusterNotFoundException:
        return []
    for service in found:
        subnets = service["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
        answer = aws.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
        service["subnetCidrs"] = sorted(subnet["CidrBlock"] for subnet in answer)
    return found
