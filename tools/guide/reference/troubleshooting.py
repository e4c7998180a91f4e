"""docs/troubleshooting.md: the causes that `ops doctor` knows."""

from __future__ import annotations

from ops.checks.live.causes.table import CAUSES
from ops.checks.live.findings import Cause

HEAD = """\
# Troubleshooting

`python -m ops doctor --env NAME` reads the live platform through the AWS API and names the cause, what shows it and
what to do; `--target emulator` does so with what `make up` runs, `--json` for machines. It changes nothing and needs no
Terraform. It ends with code 0 where it finds nothing, 1 where it finds a cause, and 2 where it cannot look at all.

```text
{sample}```

One fault has many consequences: an application on another port is a deregistration cycle, a target group without a
healthy target and a deployment that is rolled back. The doctor names what is at the root and lists the rest below it.
What the credentials may not read is a line "could not look at ...", and the causes that need it are not looked for.

Some causes show only when somebody uses the platform: open `/api/ready`, which asks the database, and repeat.
"""
SAMPLE = """\
backend: port mismatch: the application listens on 9000, the load balancer sends to 8080
  where     service prodready-infra-backend-service-staging
  evidence  target 10.1.2.11:8080 unhealthy: Health checks failed
            task a63f66c2 wrote 07:21:48 | Server running on port 9000
            task definition: containerPort 8080
  fix       have the application listen on $PORT, 8080 (program and Dockerfile), and deploy ...
  follows   rolled-back: backend: deployment failed: rolled back from prodready-infra-backend-task-staging:3 to ...:2

looked at 41 things, 1 cause
"""


def page() -> str:
    sections = [HEAD.format(sample=SAMPLE), *(_section(each) for each in CAUSES)]
    return "\n".join(sections)


def _section(cause: Cause) -> str:
    titles = {each.key: each.title for each in CAUSES}
    follows = ", ".join(titles[key].lower() for key in cause.explains)
    rows = [
        ("Symptom", cause.symptom),
        ("Evidence", cause.evidence),
        ("Fix", cause.fix),
        *([("Follows from it", follows)] if follows else []),
    ]
    lines = "\n".join(f"| {what} | {text} |" for what, text in rows)
    return f"## {cause.title}\n\n| `{cause.key}` | |\n|---|---|\n{lines}\n"
