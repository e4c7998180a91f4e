"""Runs Prowler, in the auditors' environment, over the services that the stacks have, and reads its answer."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from ops.core.endpoint import ENDPOINT, guard_emulator
from ops.core.errors import CommandError
from tools.audit.account import Account, Resource
from tools.audit.findings import NO_STACK, Finding, Places
from tools.audit.program import run

SERVICES = {
    "aws_acm_": "acm",
    "aws_backup_": "backup",
    "aws_cloudwatch_": "cloudwatch",
    "aws_cognito_": "cognito",
    "aws_db_": "rds",
    "aws_default_security_group": "ec2",
    "aws_default_network_acl": "ec2",
    "aws_dynamodb_": "dynamodb",
    "aws_ecr_": "ecr",
    "aws_ecs_": "ecs",
    "aws_eip": "ec2",
    "aws_iam_": "iam",
    "aws_kms_": "kms",
    "aws_lb": "elbv2",
    "aws_s3_": "s3",
    "aws_secretsmanager_": "secretsmanager",
    "aws_security_group": "ec2",
    "aws_sns_": "sns",
    "aws_subnet": "vpc",
    "aws_vpc": "vpc",
}
"""What Prowler calls the services, by how the types of their resources begin."""
UNCHECKED = ("aws_appautoscaling_", "aws_flow_log", "aws_internet_gateway", "aws_nat_gateway", "aws_route")
"""Types that Prowler looks at with another service's, or not at all."""
ONLINE = ("ec2_elastic_ip_shodan",)
"""Checks that ask somebody other than AWS."""
UNMADE = "could_not_be_made"
"""What is found where Prowler fails by itself: the checks that need it pass, or say nothing."""
SECONDS = 1500
LOGGED = re.compile(r'"filename": "([\w.:]+)".*?"message": "(.*?)"\}', re.DOTALL)


def services(types: Iterable[str]) -> list[str]:
    """The services that have resources of these types. Raises CommandError for a type that nobody thought of."""
    found: set[str] = set()
    for type_ in types:
        service = next((name for prefix, name in SERVICES.items() if type_.startswith(prefix)), None)
        if service is None and not type_.startswith(UNCHECKED):
            raise CommandError(
                f"tools/audit/prowler.py: no service of Prowler for {type_}: add it to SERVICES or UNCHECKED"
            )
        found |= {service} if service else set()
    return sorted(found)


def command(account: Account, directory: Path) -> list[str]:
    """Prowler's arguments, with which it looks at the platform's services and regions and at nothing online."""
    asked = services({each.type for each in account.resources})
    return [
        *("aws", "--region", *account.regions, "--services", *asked, "--excluded-checks", *ONLINE),
        *("--output-formats", "json-ocsf", "--output-directory", str(directory), "--output-filename", "answer"),
        *("--no-banner", "--no-color", "--ignore-exit-code-3", "--log-level", "ERROR", "--log-file", "errors.log"),
        # What the emulator lacks, it lacks the second time too.
        *("--aws-retries-max-attempts", "1"),
    ]


def audit(account: Account, directory: Path) -> tuple[list[Finding], int]:
    """What failed, and how many checks of resources were made. Raises CommandError."""
    guard_emulator(account.variables)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    variables = {key: value for key, value in account.variables.items() if key.startswith("AWS_")}
    run("prowler", command(account, directory), directory, {**variables, "NO_PROXY": "127.0.0.1"}, SECONDS)
    answer, log = directory / "answer.ocsf.json", directory / "errors.log"
    if not answer.exists():
        raise CommandError(f"Prowler wrote no {answer}; it was to look at {account.variables[ENDPOINT]}")
    results = cast("list[dict[str, Any]]", json.loads(answer.read_text(encoding="utf-8")))
    refuse_too_few(account.resources, results)
    return [*findings(results, Places(account.resources)), *unmade(log.read_text(encoding="utf-8"))], len(results)


def findings(results: Iterable[dict[str, Any]], places: Places) -> list[Finding]:
    """The failed ones of Prowler's results."""
    return [
        Finding("Prowler", each["metadata"]["event_code"], *places.find(resource["uid"]), each["status_detail"])
        for each in results
        if each["status_code"] == "FAIL"
        for resource in each["resources"]
    ]


def refuse_too_few(resources: Iterable[Resource], results: Iterable[dict[str, Any]]) -> None:
    """Raise CommandError unless every service of the stacks was checked: Prowler skips one that it cannot read."""
    checked = {each["finding_info"]["analytic"]["category"] for each in results}
    missing = sorted(set(services({each.type for each in resources})) - checked)
    if missing:
        raise CommandError(
            f"Prowler checked nothing of {', '.join(missing)}; expected checks of each: errors.log says why"
        )


def unmade(log: str) -> list[Finding]:
    """What Prowler could not do, once each: the operation that was not answered, or its own line and the exception."""
    found = {_cause(where, message): message for where, message in LOGGED.findall(log)}
    return [
        Finding("Prowler", UNMADE, NO_STACK, cause, message.split("\n")[0]) for cause, message in sorted(found.items())
    ]


def _cause(where: str, message: str) -> str:
    operation = re.search(r"when calling the (\w+) operation", message)
    exception = re.search(r"\b[A-Z]\w*(?:Error|Exception)\b", message)
    return operation[1] if operation else f"{where}: {exception[0] if exception else message}"
