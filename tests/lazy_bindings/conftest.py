"""A small stand-in for the AWS bindings, in their layout, so that loading all of it takes milliseconds."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Protocol

import pytest

TYPES = ("queue", "topic", "vpc")

ROOT_INIT = '"""The root lists its submodules."""\nfrom ._jsii import *\n\n' + "".join(
    f"from . import {name}\n" for name in TYPES
)
JSII_INIT = """
import cdktf._jsii
import constructs._jsii
import jsii
__jsii_assembly__ = jsii.JSIIAssembly.load(
    "@cdktf/provider-aws", "0.0.1", "cdktf_cdktf_provider_aws", "provider-aws@0.0.1.jsii.tgz"
)
__all__ = ["__jsii_assembly__"]
"""
TYPE_INIT = """
import cdktf, jsii
from .._jsii import *
class {Name}(cdktf.TerraformResource, metaclass=jsii.JSIIMeta, jsii_type="@cdktf/provider-aws.{name}.{Name}"):
    def __init__(self, scope, id_, *, cidr_block):
        jsii.create(self.__class__, self, [scope, id_, cidr_block])
"""
TYPE_JS = """
"use strict";
const cdktf = require("cdktf");
exports.{Name} = class {Name} extends cdktf.TerraformResource {{
  constructor(scope, id, cidrBlock) {{
    super(scope, id, {{ terraformResourceType: "aws_{name}", terraformGeneratorMetadata: {{ providerName: "aws" }} }});
    this.cidrBlock = cidrBlock;
  }}
  synthesizeAttributes() {{ return {{ cidr_block: this.cidrBlock }}; }}
}};
"""
INDEX_JS = (
    '"use strict";\n/**\n * A licence.\n */\n'
    'Object.defineProperty(exports, "__esModule", { value: true });\n'
    "exports.vpc = exports.topic = exports.queue = void 0;\n// generated\n"
    + "".join(f'exports.{name} = require("./{name}");\n' for name in TYPES)
)


def _assembly() -> dict[str, object]:
    text = {"type": {"primitive": "string"}}
    parameters = [
        {"name": "scope", "type": {"fqn": "constructs.Construct"}},
        {"name": "id", **text},
        {"name": "cidrBlock", **text},
    ]
    types = {
        f"@cdktf/provider-aws.{name}.{name.capitalize()}": {
            "assembly": "@cdktf/provider-aws",
            "base": "cdktf.TerraformResource",
            "fqn": f"@cdktf/provider-aws.{name}.{name.capitalize()}",
            "initializer": {"parameters": parameters},
            "kind": "class",
            "name": name.capitalize(),
            "namespace": name,
        }
        for name in TYPES
    }
    return {
        "author": {"name": "n", "roles": ["author"]},
        "dependencies": {"cdktf": "^0.21.0", "constructs": "^10.4.2"},
        "description": "d",
        "fingerprint": "f",
        "homepage": "h",
        "jsiiVersion": "5.8.0 (build 0)",
        "license": "MPL-2.0",
        "name": "@cdktf/provider-aws",
        "repository": {"type": "git", "url": "u"},
        "schema": "jsii/0.10.0",
        "types": types,
        "version": "0.0.1",
    }


def write_bindings(site: Path, *, root_init: str = ROOT_INIT, index_js: str = INDEX_JS) -> None:
    """Write the package cdktf_cdktf_provider_aws below site, with the Node library in its archive."""
    files = {
        "package.json": json.dumps({"name": "@cdktf/provider-aws", "version": "0.0.1", "main": "lib/index.js"}),
        ".jsii": json.dumps(_assembly()),
        "lib/index.js": index_js,
    }
    package = site / "cdktf_cdktf_provider_aws"
    (package / "_jsii").mkdir(parents=True)
    (package / "__init__.py").write_text(root_init)
    (package / "_jsii" / "__init__.py").write_text(JSII_INIT)
    for name in TYPES:
        (package / name).mkdir()
        (package / name / "__init__.py").write_text(TYPE_INIT.format(name=name, Name=name.capitalize()))
        files[f"lib/{name}/index.js"] = TYPE_JS.format(name=name, Name=name.capitalize())
    with tarfile.open(package / "_jsii" / "provider-aws@0.0.1.jsii.tgz", "w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


class WriteStandIn(Protocol):
    def __call__(self, site: Path, *, root_init: str = ..., index_js: str = ...) -> None: ...


@pytest.fixture(scope="session")
def write_stand_in() -> WriteStandIn:
    return write_bindings
