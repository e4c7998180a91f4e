"""Import blocks are carried out where they were written for, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

from ops.terraform import imports


def test_import_blocks_are_for_one_place_only(tmp_path: Path):
    path = imports.write(tmp_path, {"aws_s3_bucket.state": "b"}, "http://127.0.0.1:1")
    assert json.loads(path.read_text())["import"] == [{"to": "aws_s3_bucket.state", "id": "b"}]
    assert imports.has(tmp_path, "aws_s3_bucket")
    assert not imports.has(tmp_path, "aws_s3_bucket_policy")
    imports.remove_of_another(tmp_path, "http://127.0.0.1:1")
    assert path.exists()
    imports.remove_of_another(tmp_path, "875486186130")
    assert not path.exists()
    assert not imports.remove(tmp_path)
    path.write_text('{"import": [')
    imports.remove_of_another(tmp_path, "875486186130")
    assert not path.exists()
