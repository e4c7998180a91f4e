"""What AWS would refuse fails an apply here, and Terraform's user reads AWS's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.core.errors import TerraformFailed
from ops.terraform.run import Terraform
from tests.cloud import Cloud

pytestmark = pytest.mark.apply("applied")

ALARM = {
    "alarm_name": "refused",
    "comparison_operator": "GreaterThanThreshold",
    "namespace": "a",
    "metric_name": "b",
    "statistic": "Sum",
    "threshold": 1,
}
# The provider lets each of them through, one a protocol and one more of CloudWatch.
REFUSED = {
    "aws_cloudwatch_metric_alarm": {
        "model": {
            **ALARM,
            "period": 60,
            "evaluation_periods": 1,
            "dimensions": {f"dimension{each}": "a" for each in range(31)},
        },
        "pair": {**ALARM, "period": 300, "evaluation_periods": 289},
    },
    "aws_ecs_task_definition": {
        "pair": {
            "family": "refused",
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": "256",
            "memory": "4096",
            "container_definitions": json.dumps([{"name": "a", "image": "b", "essential": True}]),
        }
    },
    "aws_vpc": {"length": {"cidr_block": "10.9.0.0/16", "tags": {"Name": "a" * 257}}},
}


def test_an_apply_of_what_aws_refuses_fails_in_the_words_of_aws(cloud: Cloud, tmp_path: Path) -> None:
    document = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}},
        "provider": {"aws": {"region": "us-east-2"}},
        "resource": REFUSED,
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(document))
    terraform = Terraform(tmp_path, cloud.variables, cloud.work)
    terraform.init()
    plan = cloud.plan_file("refused")
    changes = terraform.plan(plan)
    with pytest.raises(TerraformFailed) as refused:
        terraform.apply(plan, changes)
    words = " ".join(str(refused.value).split())
    for expected in (
        "ValidationError: 1 validation error detected: Value at 'dimensions' failed to satisfy constraint: "
        "Member must have length less than or equal to 30",
        "ValidationError: Period multiplied by EvaluationPeriods can't be more than 86400 seconds.",
        "ClientException: No Fargate configuration exists for given values.",
        "InvalidParameterValue: Tag value exceeds the maximum length of 256 characters",
    ):
        assert expected in words
    assert terraform.state_list() == []
