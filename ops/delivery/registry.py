"""Images in ECR: finding one of a commit, moving an alias, the result of the scan."""

from __future__ import annotations

import time
from dataclasses import dataclass

from botocore.exceptions import ClientError

from environments.names import deployed_tag
from environments.settings import Settings
from ops.core.aws import Aws, ask, error_code
from ops.core.errors import CommandError, UserError

LATEST = "latest"
SCAN_SECONDS, SCAN_POLL = 300, 5.0
# Of a scan that is not over; source: "ScanStatus" in the Amazon ECR API reference.
UNDER_WAY = {"PENDING", "IN_PROGRESS"}
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")


@dataclass(frozen=True)
class Scan:
    """What a scan found: number of findings by severity."""

    status: str
    findings: dict[str, int]

    def __str__(self) -> str:
        if self.status not in ("COMPLETE", "ACTIVE"):
            return f"scan: {self.status}"
        found = [f"{self.findings[each]} {each.lower()}" for each in SEVERITIES if self.findings.get(each)]
        return f"scan: {', '.join(found) or 'nothing found'}"


def tag_of_commit(aws: Aws, repository: str, commit: str) -> str | None:
    """The newest tag that was pushed for a commit, <7 of sha>-<epoch>; raises UserError without the repository."""
    pages = aws.client("ecr").get_paginator("describe_images").paginate
    found = ask(lambda: list(pages(repositoryName=repository, filter={"tagStatus": "TAGGED"})))
    if found is None:
        raise UserError(f"repository {repository} does not exist: `python -m ops bootstrap` makes it")
    tags = [tag for page in found for each in page["imageDetails"] for tag in each.get("imageTags", [])]
    return max((tag for tag in tags if tag.startswith(f"{commit[:7]}-")), default=None)


def move_latest(aws: Aws, repository: str, tag: str) -> None:
    """Give an image the tag `latest` too; nothing is deployed by it."""
    if not _move(aws, repository, {"imageTag": tag}, LATEST):
        raise CommandError(f"{repository}:{tag} is not in the registry, though it was pushed")


def mark_deployed(aws: Aws, settings: Settings, image: str) -> bool:
    """Give an image that runs the environment's tag, which the repository's lifecycle spares; False without it.

    An image of another registry is not this account's to keep.
    """
    registry, name = settings.image_uri("", "").removesuffix(":"), image
    if not name.startswith(registry):
        return False
    key, sign = ("imageDigest", "@") if "@" in name else ("imageTag", ":")
    repository, _, id_ = name.removeprefix(registry).partition(sign)
    return bool(ask(lambda: _move(aws, repository, {key: id_}, deployed_tag(settings.environment))))


def _move(aws: Aws, repository: str, image_id: dict[str, str], alias: str) -> bool:
    """Give an image another tag by its manifest; False where it is not in the registry.

    Tags of the repository are immutable, and provider 5.100 has no filter that would exempt one; so the alias is
    taken off the image that has it and put on this one.
    """
    ecr = aws.client("ecr")
    image = next(iter(ecr.batch_get_image(repositoryName=repository, imageIds=[image_id])["images"]), None)
    if image is None:
        return False
    holder = next(iter(ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": alias}])["images"]), None)
    if holder is not None and holder["imageId"]["imageDigest"] == image["imageId"]["imageDigest"]:
        return True
    if holder is not None:
        ecr.batch_delete_image(repositoryName=repository, imageIds=[{"imageTag": alias}])
    media_type = {"imageManifestMediaType": each} if (each := image.get("imageManifestMediaType")) else {}
    ecr.put_image(repositoryName=repository, imageManifest=image["imageManifest"], imageTag=alias, **media_type)
    return True


def wait_for_scan(aws: Aws, repository: str, tag: str) -> Scan:
    """The result of the scan that the push began; "not started" or "not over" after five minutes without one."""
    ecr = aws.client("ecr")
    deadline = time.monotonic() + SCAN_SECONDS
    status = "not started"
    while True:
        try:
            found = ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageTag": tag})
            status = found["imageScanStatus"]["status"]
            if status not in UNDER_WAY:
                return Scan(status, found.get("imageScanFindings", {}).get("findingSeverityCounts", {}))
        except ClientError as error:
            if error_code(error) != "ScanNotFoundException":
                raise
        if time.monotonic() >= deadline:
            return Scan(f"not over after {SCAN_SECONDS} s ({status})", {})
        time.sleep(SCAN_POLL)
