"""What the provider needs of Application Auto Scaling."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

import json

from moto.applicationautoscaling.exceptions import AWSValidationException
from moto.applicationautoscaling.models import ApplicationAutoscalingBackend
from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse


def target_tags() -> None:
    """The provider tags every scalable target and reads the tags back.

    moto drops the tags of RegisterScalableTarget and answers 500 to ListTagsForResource, TagResource and
    UntagResource, which the provider retries for 47 minutes.
    """

    def tags_of(response: ApplicationAutoScalingResponse, arn: str) -> dict[str, str]:
        backend = response.applicationautoscaling_backend
        known = {target.arn for targets in backend.targets.values() for target in targets.values()}
        if arn not in known:
            raise AWSValidationException(f"The specified resource {arn} does not exist")
        return vars(backend).setdefault("tags_by_arn", {}).setdefault(arn, {})

    def list_tags_for_resource(self: ApplicationAutoScalingResponse) -> str:
        return json.dumps({"Tags": tags_of(self, self._get_param("ResourceARN"))})

    def tag_resource(self: ApplicationAutoScalingResponse) -> str:
        tags_of(self, self._get_param("ResourceARN")).update(self._get_param("Tags"))
        return "{}"

    def untag_resource(self: ApplicationAutoScalingResponse) -> str:
        tags = tags_of(self, self._get_param("ResourceARN"))
        for key in self._get_param("TagKeys"):
            tags.pop(key, None)
        return "{}"

    register = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(self: ApplicationAutoScalingResponse) -> str:
        answer = register(self)
        tags_of(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags") or {})
        return answer

    for method in (list_tags_for_resource, tag_resource, untag_resource, register_scalable_target):
        setattr(ApplicationAutoScalingResponse, method.__name__, method)


def policies_end_with_their_target() -> None:
    """AWS deletes a target's policies, and their alarms, when the target is deregistered; moto keeps them."""
    deregister = ApplicationAutoscalingBackend.deregister_scalable_target

    def deregister_scalable_target(
        self: ApplicationAutoscalingBackend, namespace: str, r_id: str, dimension: str
    ) -> None:
        deregister(self, namespace, r_id, dimension)
        for policy in list(self.policies.values()):
            if (policy.service_namespace, policy.resource_id, policy.scalable_dimension) == (
                namespace,
                r_id,
                dimension,
            ):
                self.delete_scaling_policy(policy.policy_name, namespace, r_id, dimension)

    ApplicationAutoscalingBackend.deregister_scalable_target = deregister_scalable_target
