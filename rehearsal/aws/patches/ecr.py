"""What pushing, checking and promoting images needs of ECR."""

# moto's own helpers are what its methods are written with.
# pyright: reportPrivateUsage=false
from __future__ import annotations

import hashlib
from typing import Any, cast

from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow
from moto.ecr.exceptions import ImageAlreadyExistsException
from moto.ecr.models import ECRBackend, Image

MADE_UP = "CVE-9999-9999"


class ImageTagAlreadyExistsException(ServiceException):
    """A tag in use, in a repository where tags do not move."""

    code = "ImageTagAlreadyExistsException"


def digests() -> None:
    """An image's digest is that of its manifest's bytes; pulling by digest relies on it.

    moto hashes the layers' names, so two images of the same layers have one digest, and draws one of a hundred for a
    manifest without layers.
    """

    def create_digest(self: Image) -> None:
        self._image_digest = "sha256:" + hashlib.sha256(self.image_manifest.encode()).hexdigest()

    Image._create_digest = create_digest


def immutable_tags() -> None:
    """Pushing another image by a tag that is in use is refused with an error of its own, which clients look for.

    moto's is the one for pushing the very same image again.
    """
    put = ECRBackend.put_image

    def put_image(
        self: ECRBackend, repository_name: str, image_manifest: str, image_tag: str, *arguments: Any, **named: Any
    ) -> Image:
        try:
            return put(self, repository_name, image_manifest, image_tag, *arguments, **named)
        except ImageAlreadyExistsException:
            images = self.repositories[repository_name].images
            if any(image_tag in each.image_tags and each.image_manifest == image_manifest for each in images):
                raise
            raise ImageTagAlreadyExistsException(
                f"The image tag '{image_tag}' already exists in the '{repository_name}' repository and cannot be "
                "overwritten because the tag is immutable."
            ) from None

    ECRBackend.put_image = put_image


def scan_on_push() -> None:
    """A repository with scanOnPush scans an image when it is pushed; DescribeImages and the findings say so.

    moto scans only when asked to and finds a made-up vulnerability in every image. Here are no layers to scan, so
    nothing is found.
    """
    put = ECRBackend.put_image
    find = ECRBackend.describe_image_scan_findings

    def put_image(self: ECRBackend, repository_name: str, *arguments: Any, **named: Any) -> Image:
        image = put(self, repository_name, *arguments, **named)
        scanning = cast("dict[str, bool]", self.repositories[repository_name].image_scanning_configuration)
        # Another tag for an image that is there already is no new scan.
        if scanning.get("scanOnPush") and not image.last_scan:
            image.last_scan = utcnow()
            vars(image).update(
                image_scan_status={"status": "COMPLETE", "description": "The scan was completed successfully."},
                image_scan_findings_summary={"imageScanCompletedAt": image.last_scan, "findingSeverityCounts": {}},
            )
        return image

    def describe_image_scan_findings(self: ECRBackend, *arguments: Any, **named: Any) -> dict[str, Any]:
        answer = find(self, *arguments, **named)
        found: dict[str, Any] = answer.get("imageScanFindings", {})
        # Results that a test gave moto stay.
        if [each["name"] for each in found.get("findings", [])] == [MADE_UP]:
            found.update(findings=[], findingSeverityCounts={})
        return answer

    ECRBackend.put_image = put_image
    ECRBackend.describe_image_scan_findings = describe_image_scan_findings
