"""What the provider and the state backend need of S3."""

from __future__ import annotations

import json
from typing import Any, cast

from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import AccessDeniedByLock, ReplicationConfigurationNotFoundError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.responses import S3Response


def bucket_replication() -> None:
    """The provider compares every field of a replication rule.

    moto stores the rule and answers with constants: no filter, delete markers never replicated.
    """

    def plain(value: Any) -> Any:
        """xmltodict's form as GetBucketReplication's: no attributes, an empty element as an empty structure."""
        if isinstance(value, list):
            return [plain(item) for item in cast("list[Any]", value)]
        if not isinstance(value, dict):
            return value
        element = cast("dict[str, Any]", value)
        out = {key: plain(item) for key, item in element.items() if not key.startswith("@")}
        if out.get("Filter", "") is None:
            out["Filter"] = {}
        if isinstance(out.get("And"), dict):
            tags = out["And"].pop("Tag", [])
            out["And"]["Tags"] = tags if isinstance(tags, list) else [tags]
        return out

    def get_bucket_replication(self: S3Response) -> Any:
        self.data["Action"] = "GetBucketReplication"
        stored = self.backend.get_bucket_replication(self.bucket_name)
        if not stored:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        configuration = {"Role": stored["Role"], "Rules": plain(stored["Rule"])}
        return self.serialized(ActionResult({"ReplicationConfiguration": configuration}))

    S3Response.get_bucket_replication = get_bucket_replication


def bucket_events() -> None:
    """The provider reads back whether a bucket sends its events to EventBridge.

    moto sends them and leaves that out of its answer.
    """
    get = S3Response.get_bucket_notification

    def get_bucket_notification(self: S3Response) -> Any:
        stored = self.backend.get_bucket_notification_configuration(self.bucket_name)
        serialize = self.serialized

        def serialized(result: ActionResult) -> Any:
            if stored is not None and stored.event_bridge is not None:
                cast("dict[str, Any]", result.result)["EventBridgeConfiguration"] = {}
            return serialize(result)

        # Of this one answer: a response object serves one request.
        self.serialized = serialized  # pyright: ignore[reportAttributeAccessIssue]
        return get(self)

    S3Response.get_bucket_notification = get_bucket_notification


def bucket_policy_conditions() -> None:
    """In AWS a statement whose condition is not met does not apply: "deny without TLS" lets TLS requests pass.

    moto evaluates bucket policies without any request context and takes an unmet condition for a denial, so a
    TLS-only policy shuts everybody out of the state bucket. The emulator stands for AWS behind TLS.
    """

    def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
        document: dict[str, Any] = json.loads(self.policy) if self.policy else {}
        found = document.get("Statement", [])
        statements = cast("list[dict[str, Any]]", found if isinstance(found, list) else [found])
        unconditional = [statement for statement in statements if not statement.get("Condition")]
        return IAMPolicy(json.dumps({**document, "Statement": unconditional})).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission


def versions_of_a_suspended_bucket() -> None:
    """To empty a bucket the provider deletes every version and delete marker by its id.

    Once versioning is suspended moto ignores the id, drops all versions of the key and answers 500 if one of
    them is a delete marker (it has no dispose()); the provider retries and destroy never ends.
    """

    def dispose(_self: FakeDeleteMarker) -> None:
        """A delete marker holds no file."""

    FakeDeleteMarker.dispose = dispose  # pyright: ignore[reportAttributeAccessIssue]
    delete = S3Backend.delete_object

    def delete_object(
        self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        bucket = self.get_bucket(bucket_name)
        if version_id is None or bucket.versioning_status != "Suspended":
            return delete(self, bucket_name, key_name, version_id, bypass)
        versions = bucket.keys.getlist(key_name, [])
        named = [version for version in versions if str(version.version_id) == version_id]
        if any(isinstance(version, FakeKey) and version.is_locked(governance_bypass=bypass) for version in named):
            raise AccessDeniedByLock
        kept = [version for version in versions if version not in named]
        if kept:
            bucket.keys.setlist(key_name, kept)
        elif named:
            bucket.keys.pop(key_name)
        return bool(named), {"version-id": version_id}

    S3Backend.delete_object = delete_object
