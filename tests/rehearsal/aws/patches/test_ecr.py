"""The gaps mended in ECR, seen as a push, a check of the scan and a clean-up see them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[[str], Any]
TYPE = "application/vnd.docker.distribution.manifest.v2+json"


def manifest(config: str, *layers: str) -> str:
    parts = [{"mediaType": TYPE, "size": 1, "digest": f"sha256:{layer}"} for layer in layers]
    return json.dumps({"schemaVersion": 2, "mediaType": TYPE, "config": {"size": 1, "digest": config}, "layers": parts})


def push(client: Client, repository: str, text: str, tag: str) -> str:
    image = client("ecr").put_image(repositoryName=repository, imageManifest=text, imageTag=tag)["image"]
    return str(image["imageId"]["imageDigest"])


def tags(client: Client, repository: str) -> list[list[str]]:
    found = client("ecr").describe_images(repositoryName=repository)["imageDetails"]
    return [each.get("imageTags", []) for each in found]


def test_the_digest_is_that_of_the_manifest(client: Client):
    client("ecr").create_repository(repositoryName="digests")
    texts = [manifest("a", "layer"), manifest("b", "layer"), json.dumps({"mediaType": "list", "manifests": []})]
    for number, text in enumerate(texts):
        assert push(client, "digests", text, f"v{number}") == "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def test_a_push_is_scanned_where_the_repository_says_so(client: Client):
    ecr = client("ecr")
    ecr.create_repository(repositoryName="scanned", imageScanningConfiguration={"scanOnPush": True})
    push(client, "scanned", manifest("a", "one"), "v1")
    push(client, "scanned", manifest("a", "one"), "latest")
    for tag in ("v1", "latest"):
        scan = ecr.describe_image_scan_findings(repositoryName="scanned", imageId={"imageTag": tag})
        assert scan["imageScanStatus"]["status"] == "COMPLETE"
        assert scan["imageScanFindings"]["findings"] == []
        assert scan["imageScanFindings"]["findingSeverityCounts"] == {}
    (image,) = ecr.describe_images(repositoryName="scanned")["imageDetails"]
    assert image["imageScanStatus"]["status"] == "COMPLETE"
    assert image["imageScanFindingsSummary"]["findingSeverityCounts"] == {}


def test_a_push_is_not_scanned_elsewhere(client: Client):
    client("ecr").create_repository(repositoryName="unscanned")
    push(client, "unscanned", manifest("a", "one"), "v1")
    with pytest.raises(ClientError, match="ScanNotFoundException"):
        client("ecr").describe_image_scan_findings(repositoryName="unscanned", imageId={"imageTag": "v1"})


def test_an_immutable_tag_does_not_move(client: Client):
    client("ecr").create_repository(repositoryName="immutable", imageTagMutability="IMMUTABLE")
    first = manifest("a", "one")
    push(client, "immutable", first, "v1")
    with pytest.raises(ClientError, match="ImageTagAlreadyExistsException"):
        push(client, "immutable", manifest("b", "two"), "v1")
    with pytest.raises(ClientError, match="ImageAlreadyExistsException"):
        push(client, "immutable", first, "v1")
    push(client, "immutable", first, "v2")
    assert tags(client, "immutable") == [["v1", "v2"]]


def test_deleting_one_of_two_tags_keeps_the_image(client: Client):
    ecr = client("ecr")
    ecr.create_repository(repositoryName="two-tags")
    for tag in ("v1", "latest"):
        push(client, "two-tags", manifest("a", "one"), tag)
    answer = ecr.batch_delete_image(repositoryName="two-tags", imageIds=[{"imageTag": "v1"}])
    assert [each["imageTag"] for each in answer["imageIds"]] == ["v1"]
    assert tags(client, "two-tags") == [["latest"]]
    ecr.batch_delete_image(repositoryName="two-tags", imageIds=[{"imageTag": "latest"}])
    assert tags(client, "two-tags") == []
