"""A container registry repository."""

from __future__ import annotations

import json

from cdktf_cdktf_provider_aws.ecr_lifecycle_policy import EcrLifecyclePolicy
from cdktf_cdktf_provider_aws.ecr_repository import (
    EcrRepository,
    EcrRepositoryEncryptionConfiguration,
    EcrRepositoryImageScanningConfiguration,
)
from constructs import Construct

# Earlier revisions stay pullable for a rollback; at ten deploys a week this is ten weeks.
KEPT_IMAGES = 100
UNTAGGED_DAYS = 7


class Repository(Construct):
    """Scanned on push, tags never move, encrypted; keeps the last 100 images and untagged layers for 7 days.

    An image with a tag that begins with `spared_prefix` stays, however many came after it: an image that one rule
    selects by its tags cannot be expired by a later one ("Automate the cleanup of images by using lifecycle policies in
    Amazon ECR").
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, spared_prefix: str) -> None:
        super().__init__(scope, id_)
        repository = EcrRepository(
            self,
            "Default",
            name=name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=EcrRepositoryImageScanningConfiguration(scan_on_push=True),
            encryption_configuration=[EcrRepositoryEncryptionConfiguration(encryption_type="KMS")],
            tags={"Name": name},
        )
        self.url = repository.repository_url
        self.arn = repository.arn
        untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
        spared = {"tagStatus": "tagged", "tagPrefixList": [spared_prefix], "countType": "imageCountMoreThan"}
        tagged = {"tagStatus": "any", "countType": "imageCountMoreThan"}
        rules = [
            {
                "rulePriority": 1,
                "description": f"Images with a tag {spared_prefix}* stay",
                # One an environment: nobody has as many.
                "selection": {**spared, "countNumber": KEPT_IMAGES},
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": f"Untagged images go after {UNTAGGED_DAYS} days",
                "selection": {**untagged, "countNumber": UNTAGGED_DAYS},
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 3,
                "description": f"The last {KEPT_IMAGES} images stay",
                "selection": {**tagged, "countNumber": KEPT_IMAGES},
                "action": {"type": "expire"},
            },
        ]
        EcrLifecyclePolicy(self, "lifecycle", repository=repository.name, policy=json.dumps({"rules": rules}))
