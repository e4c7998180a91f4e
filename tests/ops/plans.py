"""Plans as Terraform's JSON has them."""

from __future__ import annotations

from ops.terraform import plan_file
from tests.support import Json


def change(address: str, *actions: str) -> Json:
    return {"address": address, "type": address.split(".")[0], "change": {"actions": list(actions)}}


def plan(*changes: Json, outputs: Json | None = None, modules: dict[str, str] | None = None) -> plan_file.Plan:
    return plan_file.read({"resource_changes": list(changes), "output_changes": outputs or {}}, modules or {})
