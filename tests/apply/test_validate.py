"""`terraform validate` accepts the committed JSON of every stack, and the variants that settings can make of one."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.settings import Settings
from ops.terraform.run import Terraform
from tests.cloud import Cloud
from tests.stacks.test_platform import CERTIFICATE, three_zones
from tests.support import ROOT, Output

pytestmark = pytest.mark.apply("faults")

VARIANTS: dict[str, Callable[[Settings], Settings]] = {
    "everything-on": lambda settings: dataclasses.replace(
        three_zones(settings),
        alarm_email="oncall@example.com",
        alb_access_logs=True,
        certificate_arn=CERTIFICATE,
        db_multi_az=True,
        deletion_protection=True,
        image_owner="pipeline",
        nat_gateways=3,
        tags={"CostCenter": "42"},
    ),
    "everything-off": lambda settings: dataclasses.replace(
        settings, db_max_allocated_storage=0, db_skip_final_snapshot=True, nat_gateways=0
    ),
}


@pytest.mark.parametrize("stack", ["bootstrap", "production", "staging"])
def test_the_committed_json_alone_is_valid_where_there_is_no_python_node_or_cdk(
    stack: str, cloud: Cloud, tmp_path: Path
) -> None:
    shutil.copy(ROOT / "tests" / "golden" / f"{stack}.json", tmp_path / "main.tf.json")
    terraform = Terraform(tmp_path, {**cloud.variables, "PATH": str(tmp_path)}, cloud.work)
    terraform.init(backend=False)
    terraform.validate()


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_is_valid(
    variant: str, cloud: Cloud, settings: dict[str, Settings], synth_platform: Callable[[Settings], Output]
) -> None:
    directory = cloud.stacks / variant
    directory.mkdir()
    output = synth_platform(VARIANTS[variant](settings["staging"]))
    (directory / "cdk.tf.json").write_text(json.dumps(output.document))
    terraform = cloud.terraform(variant)
    terraform.init(backend=False)
    terraform.validate()
