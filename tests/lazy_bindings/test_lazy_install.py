"""install() loads only what is used, changes no byte, and falls back to normal loading with one line on stderr."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import lazy_bindings

APP = """
import json, os, sys
{first}
import lazy_bindings
lazy_bindings.install()
lazy_bindings.install()
from cdktf import App, LocalBackend, TerraformStack
from cdktf_cdktf_provider_aws.vpc import Vpc
app = App(outdir="out", skip_validation=True)
stack = TerraformStack(app, "one")
LocalBackend(stack, path="terraform.tfstate")
Vpc(stack, "vpc", cidr_block="10.0.0.0/16")
app.synth()
bindings = [name for name in sys.modules if name.startswith("cdktf_cdktf_provider_aws.")]
modules = [name for name in bindings if not name.endswith("._private")]
json.dump({{"modules": modules, "NODE_OPTIONS": os.environ.get("NODE_OPTIONS")}}, open("report.json", "w"))
"""

# Reports which files of the bindings Node has loaded; comes in as a person's own NODE_OPTIONS would.
PROBE = """
process.once("exit", () => {
  const files = Object.keys(require.cache).filter((file) => file.includes("provider-aws"));
  if (files.length > 0) require("node:fs").writeFileSync("node.json", JSON.stringify(files));
});
"""

# The layout of the fork's bindings (docs/leaving-cdktf.md): the root is lazy itself, index.js has a helper function.
FORK_ROOT_INIT = """
import importlib as _importlib
from ._jsii import *
_SUBMODULES = {"queue", "topic", "vpc"}

def __getattr__(name):
    if name in _SUBMODULES:
        return _importlib.import_module(f".{name}", __name__)
    raise AttributeError(name)
"""
FORK_INDEX_JS = """"use strict";
var __importStar = (this && this.__importStar) || (function () {
    return function (mod) {
        if (mod && mod.__esModule) return mod;
        return { default: mod };
    };
})();
Object.defineProperty(exports, "__esModule", { value: true });
exports.vpc = exports.topic = exports.queue = void 0;
""" + "".join(f'exports.{name} = __importStar(require("./{name}/index"));\n' for name in ("queue", "topic", "vpc"))


@dataclass(frozen=True)
class Run:
    """What the app left behind: its output's bytes, what Python and Node had loaded, and stderr."""

    output: bytes
    modules: list[str]
    node_options: str | None
    own_node_options: str
    node_files: list[str]
    stderr: str


RunApp = Callable[..., Run]


@pytest.fixture(scope="module")
def run_app(tmp_path_factory: pytest.TempPathFactory, write_stand_in: Callable[..., None]) -> RunApp:
    """Run a small app in a fresh interpreter, from a repository whose path has spaces."""
    # The stand-in must not end up in the user's package cache.
    cache = tmp_path_factory.mktemp("jsii-cache")

    def run(first: str = "", installed: bool = False, **stand_in: str) -> Run:
        directory = tmp_path_factory.mktemp("a path with spaces")
        shutil.copytree(lazy_bindings.PRELOAD.parent, directory / "lazy_bindings")
        probe = directory / "probe.cjs"
        probe.write_text(PROBE)
        environ = {**os.environ, "PYTHONPATH": str(directory), "NODE_OPTIONS": f'--require="{probe}"'}
        if not installed:
            write_stand_in(directory, **stand_in)
            environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] = str(cache)
        command = [sys.executable, "-c", APP.format(first=first)]
        done = subprocess.run(command, cwd=directory, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        report = json.loads((directory / "report.json").read_text())
        return Run(
            output=(directory / "out" / "stacks" / "one" / "cdk.tf.json").read_bytes(),
            modules=[name.removeprefix("cdktf_cdktf_provider_aws.") for name in report["modules"]],
            node_options=report["NODE_OPTIONS"],
            own_node_options=environ["NODE_OPTIONS"],
            node_files=[file.split("/lib/")[1] for file in json.loads((directory / "node.json").read_text())],
            stderr=done.stderr,
        )

    return run


@pytest.fixture(scope="module")
def lazy(run_app: RunApp) -> Run:
    return run_app()


@pytest.fixture(scope="module")
def late(run_app: RunApp) -> Run:
    """jsii was there first, so that everything loads as it does without this package."""
    return run_app(first="import jsii")


@pytest.fixture(scope="module")
def unexpected(run_app: RunApp) -> Run:
    """Bindings of an unknown layout: the root defines a class, and index.js computes an export."""
    root_init = '"""Root."""\nfrom ._jsii import *\nfrom . import queue\nfrom . import topic\nclass Extra:\n    pass\n'
    index_js = "".join(f'exports.{name} = require("./" + "{name}");\n' for name in ("queue", "topic", "vpc"))
    return run_app(root_init=root_init, index_js=index_js)


def test_the_installed_bindings_load_only_what_is_used(run_app: RunApp) -> None:
    run = run_app(installed=True)
    assert run.stderr == ""
    assert run.modules == ["_jsii", "vpc"]
    assert run.node_files == ["index.js", "vpc/index.js"]
    assert json.loads(run.output)["resource"]["aws_vpc"]["vpc"]["cidr_block"] == "10.0.0.0/16"


def test_one_resource_type_loads_one_module_where_normal_loading_loads_all(lazy: Run, late: Run) -> None:
    assert (lazy.stderr, lazy.modules, lazy.node_files) == ("", ["_jsii", "vpc"], ["index.js", "vpc/index.js"])
    assert sorted(late.modules) == ["_jsii", "queue", "topic", "vpc"]
    assert sorted(late.node_files) == ["index.js", "queue/index.js", "topic/index.js", "vpc/index.js"]


def test_the_forks_layout_loads_only_what_is_used_too(run_app: RunApp, lazy: Run) -> None:
    fork = run_app(root_init=FORK_ROOT_INIT, index_js=FORK_INDEX_JS)
    assert (fork.stderr, fork.modules, fork.node_files) == ("", ["_jsii", "vpc"], ["index.js", "vpc/index.js"])
    assert fork.output == lazy.output


def test_output_is_the_same_bytes_however_the_bindings_load(lazy: Run, late: Run, unexpected: Run) -> None:
    assert b"10.0.0.0/16" in lazy.output
    assert lazy.output == late.output == unexpected.output


def test_node_options_of_the_caller_are_used_and_left_as_they_were(lazy: Run) -> None:
    assert lazy.node_files, "the caller's own preload did not run"
    assert lazy.node_options == lazy.own_node_options


def test_install_after_jsii_changes_nothing_and_says_so_once(late: Run) -> None:
    lines = [line for line in late.stderr.splitlines() if line.startswith("lazy_bindings:")]
    assert len(lines) == 1
    assert "jsii was imported before install()" in lines[0]
    assert "slower" in lines[0]


def test_unexpected_bindings_load_normally_and_each_half_says_so_once(unexpected: Run) -> None:
    python_half, node_half = sorted(unexpected.stderr.splitlines(), key=lambda line: "index.js" in line)
    assert python_half.startswith("lazy_bindings: cdktf_cdktf_provider_aws is not as expected")
    assert node_half.startswith("lazy_bindings: ")
    assert "index.js is not as expected" in node_half
    assert all("slower" in line for line in (python_half, node_half))
    assert "topic" in unexpected.modules
    assert len(unexpected.node_files) == 4


def test_preload_does_nothing_in_a_node_process_that_is_not_jsii(tmp_path: Path) -> None:
    script = (
        "process.stdout.write(JSON.stringify([require('module')._extensions['.js'].name, Object.keys(process.env)]))"
    )
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("JSII_", "NODE_"))}
    command = ["node", "-e", script]
    without = subprocess.check_output(command, env=environ, text=True, cwd=tmp_path)
    preloaded = subprocess.check_output(
        command, env={**environ, "NODE_OPTIONS": f'--require="{lazy_bindings.PRELOAD}"'}, text=True, cwd=tmp_path
    )
    handler, variables = json.loads(preloaded)
    assert [handler, [name for name in variables if name != "NODE_OPTIONS"]] == json.loads(without)


def test_missing_node_is_one_line_and_exit_code_2() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import lazy_bindings; lazy_bindings.install()"],
        cwd=lazy_bindings.PRELOAD.parent.parent,
        env={**os.environ, "JSII_NODE": "no-such-node"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "lazy_bindings: no program 'no-such-node' on PATH; cdktf needs Node.js 20 or newer\n"
