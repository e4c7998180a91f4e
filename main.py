"""Every deployment: the bootstrap stack once per account, then one platform stack per environments/*.tfvars."""

from __future__ import annotations

from pathlib import Path

import lazy_bindings
from environments.load import account, load_or_exit


def synthesize(directory: Path, outdir: Path | None = None) -> None:
    """Write <outdir>/stacks/<name>/cdk.tf.json for all of them; a bad file ends the program with code 2.

    Without `outdir`, CDKTF's own default: cdktf.out below the working directory.
    """
    environments = load_or_exit(directory)

    # The files are read first: a mistake in one is told before anything slow is loaded.
    lazy_bindings.install()
    from cdktf import App

    from stacks.bootstrap import BootstrapStack
    from stacks.platform import PlatformStack

    app = App(outdir=str(outdir) if outdir else None)
    BootstrapStack(app, "bootstrap", account(environments))
    for settings in environments:
        PlatformStack(app, settings.environment, settings)
    app.synth()


if __name__ == "__main__":
    synthesize(Path(__file__).parent / "environments")
