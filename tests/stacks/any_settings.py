"""Settings files that are in order, of one account with one or two environments, as varied as the rules allow."""

from __future__ import annotations

import json
import string
from ipaddress import IPv4Network
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from environments.aws_limits import (
    BACKUP_DAYS,
    BUCKET,
    FARGATE_MEMORY,
    GP3_IOPS,
    GP3_PROVISIONED_FROM,
    GP3_THROUGHPUT,
    LOG_RETENTION_DAYS,
    MONITORING_SECONDS,
    MOST_CONNECTIONS,
    MOST_TAGS,
    MOST_TASKS_A_SERVICE,
    OLDEST_POSTGRES_MINOR,
    RECOVERY_POINT_DAYS,
    RESERVED_DATABASE_WORDS,
    SECRET_RECOVERY_DAYS,
    SMALLEST_CONTAINER_MIB,
    STORAGE_GIB,
    TAG_KEY_LENGTH,
    TAG_VALUE_LENGTH,
)
from environments.names import repository_id
from environments.rules.names import RESERVED
from environments.rules.operations import JAVASCRIPTS_OWN, OWN_TAGS
from environments.settings import NONE, lock_table, replica_bucket, state_key
from environments.windows import DAY, DAYS, WEEK

Values = dict[str, Any]

REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-3", "ap-southeast-2", "sa-east-1", "me-south-1"]
CLASSES = ["db.t3.micro", "db.t4g.medium", "db.m6i.large", "db.r6gd.16xlarge", "db.x2iedn.xlarge", "db.m5d.12xlarge"]
LONGEST_NAMES = 25
"""Of project and environment together: settings.py."""
LONGEST_VPC_NAME = 239
"""Of which the DB subnet group is named; with the environment it is the VPC's Name, a tag."""
RESERVED_PROJECTS = ("amzn-s3-demo", "internal", "sg", "sthree")
PRIVATE = [IPv4Network("10.0.0.0/8"), IPv4Network("172.16.0.0/12"), IPv4Network("192.168.0.0/16")]
FEWEST_NAT_IF_TASKS_RUN = 1
LOWER = string.ascii_lowercase
WORD_CHARACTERS = LOWER + string.digits
TAG_TEXT = st.characters(categories=["Lu", "Ll", "Lo", "Nd"], include_characters=" _.:/=+-@")


def words(longest: int) -> SearchStrategy[str]:
    """What names are made of: short, or as long as may be."""
    short = st.from_regex(r"[a-z](-?[a-z0-9]){0,7}", fullmatch=True).map(lambda word: word[:longest].rstrip("-"))
    full = st.text(WORD_CHARACTERS, min_size=longest - 1, max_size=longest - 1)
    return short | st.builds("{}{}".format, st.sampled_from(LOWER), full)


@st.composite
def account_files(draw: DrawFn) -> dict[str, str]:
    """The files of one account, by name."""
    names = draw(st.lists(environment_names(), min_size=1, max_size=2, unique=True).filter(are_apart))
    longest = LONGEST_NAMES - max(len(name) for name in names)
    project = draw(words(longest).filter(lambda word: not word.startswith(RESERVED_PROJECTS)))
    region, replica = draw(st.lists(st.sampled_from(REGIONS), min_size=2, max_size=2, unique=True))
    account_id = draw(st.from_regex(r"[0-9]{12}", fullmatch=True))
    shared: Values = {
        "project": project,
        "account_id": account_id,
        "aws_region": region,
        "state_replica_region": replica,
        "github_repository": draw(st.sampled_from(["a/b", "some-org/Some.Repo_1", "o@12/n@345"])),
        "github_oidc_provider": draw(st.sampled_from(["create", "existing"])),
    }
    repositories = draw(st.lists(repository_names(), min_size=2, max_size=2, unique_by=repository_id))
    bucket = draw(buckets(account_id))
    files: dict[str, str] = {}
    for name in names:
        own = draw(environment_values(name, shared, repositories))
        files[f"{name}.tfvars"] = hcl(own)
        files[f"{name}.backend.conf"] = hcl(
            {
                "bucket": bucket,
                "key": state_key(project, name),
                "region": region,
                "dynamodb_table": lock_table(name),
                "encrypt": True,
            }
        )
    return files


def environment_names() -> SearchStrategy[str]:
    known = st.sampled_from(["production", "staging", "qa", "qa-policy"])
    return (known | words(LONGEST_NAMES - 1)).filter(lambda name: name not in RESERVED)


def are_apart(names: list[str]) -> bool:
    """No name ends in another."""
    return not any(one.endswith(f"-{other}") for one in names for other in names)


def repository_names() -> SearchStrategy[str]:
    words = st.from_regex(r"[a-z0-9]{1,7}((\.|_|__|-{1,3}|/)[a-z0-9]{1,7}){0,4}", fullmatch=True)
    return st.sampled_from(["aws", "backend", "github", "state", "state_bucket"]) | words.filter(
        lambda name: len(name) > 1
    )


@st.composite
def buckets(draw: DrawFn, account_id: str) -> str:
    longest = BUCKET.longest - len(replica_bucket("")) - len(account_id) - 1
    return f"{draw(words(longest).filter(lambda word: not word.startswith(RESERVED_PROJECTS)))}-{account_id}"


@st.composite
def environment_values(draw: DrawFn, name: str, shared: Values, repositories: list[str]) -> Values:
    production = name == "production"
    zones = draw(st.integers(2, 4))
    nat_gateways = draw(st.integers(0, zones))
    account_id, region = shared["account_id"], shared["aws_region"]
    without = NONE if production else draw(st.sampled_from(["", NONE]))
    return {
        "environment": name,
        **shared,
        "vpc_name": f"{draw(words(min(LONGEST_VPC_NAME, TAG_VALUE_LENGTH - 1 - len(name)) - 1 - len(name)))}-{name}",
        **draw(networks(region, zones)),
        "flow_logs": draw(st.sampled_from(["cloudwatch", "s3"])),
        "nat_gateways": nat_gateways,
        "certificate_arn": draw(st.sampled_from([without, f"arn:aws:acm:{region}:{account_id}:certificate/0a-1B"])),
        "alb_access_logs": draw(st.booleans()),
        "image_owner": draw(st.sampled_from(["terraform", "pipeline"])),
        "ecs": draw(services(repositories, may_run=nat_gateways >= FEWEST_NAT_IF_TASKS_RUN)),
        **draw(databases(production)),
        "backup_delete_after_days": draw(st.just(0) | st.sampled_from(RECOVERY_POINT_DAYS)),
        "deletion_protection": production or draw(st.booleans()),
        "customer_managed_key": draw(st.booleans()),
        "secret_recovery_days": draw(st.sampled_from([0, *SECRET_RECOVERY_DAYS])),
        "log_retention_days": draw(st.sampled_from(LOG_RETENTION_DAYS)),
        "alarm_email": draw(st.sampled_from([without, "on.call+a@mail.example.com"])),
        "users_email_from": draw(st.sampled_from(["", "no-reply@mail.example.com"])),
        "tags": draw(tags()),
    }


@st.composite
def networks(draw: DrawFn, region: str, zones: int) -> Values:
    """Equal slots of the VPC, in any order, each with a subnet of its size or smaller."""
    bits = (3 * zones - 1).bit_length()
    prefix = draw(st.integers(16, 27 - bits))
    block = draw(st.sampled_from(PRIVATE))
    at = draw(st.integers(0, 2 ** (prefix - block.prefixlen) - 1))
    vpc = IPv4Network((int(block.network_address) + (at << 32 - prefix), prefix))
    slots = draw(st.permutations(list(vpc.subnets(bits))))

    def subnets(tier: int, smallest: int) -> list[str]:
        sizes = [draw(st.integers(prefix + bits, smallest)) for _ in range(zones)]
        own = slots[tier * zones : (tier + 1) * zones]
        return [str(next(slot.subnets(new_prefix=size))) for slot, size in zip(own, sizes, strict=True)]

    letters = draw(st.lists(st.sampled_from("abcdef"), min_size=zones, max_size=zones, unique=True))
    return {
        "vpc_cidr": str(vpc),
        "availability_zones": [region + letter for letter in letters],
        "public_subnet_cidrs": subnets(0, smallest=27),
        "private_subnet_cidrs": subnets(1, smallest=28),
        "database_subnet_cidrs": subnets(2, smallest=28),
    }


@st.composite
def services(draw: DrawFn, repositories: list[str], may_run: bool) -> Values:
    ports = draw(st.lists(st.integers(1, 65535), min_size=2, max_size=2, unique=True))
    paths = ["/api/", *draw(st.sampled_from([["/"], ["/health"], ["/~a/b-c_d.e"]]))]
    return {
        name: draw(service(repository, port, path, may_run))
        for name, repository, port, path in zip(("backend", "frontend"), repositories, ports, paths, strict=True)
    }


@st.composite
def service(draw: DrawFn, repository: str, port: int, path: str, may_run: bool) -> Values:
    cpu = draw(st.sampled_from(sorted(FARGATE_MEMORY)))
    memory = draw(st.sampled_from(list(FARGATE_MEMORY[cpu])))
    most = draw(st.integers(0, 20) | st.integers(0, MOST_TASKS_A_SERVICE))
    desired = draw(st.integers(0, most)) if may_run else 0
    return {
        "repository": repository,
        "image_tag": draw(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)),
        "cpu": cpu,
        "memory": memory,
        "container_memory": draw(st.integers(SMALLEST_CONTAINER_MIB, memory)),
        "port": port,
        "health_check_path": path + draw(st.from_regex(r"[A-Za-z0-9._~/-]{0,20}", fullmatch=True)),
        "desired_count": desired,
        "min_capacity": draw(st.integers(0, desired)),
        "max_capacity": most,
    }


@st.composite
def databases(draw: DrawFn, production: bool) -> Values:
    major, minor = draw(st.sampled_from(sorted(OLDEST_POSTGRES_MINOR.items())))
    versions = [str(major), f"{major}.{minor}", f"{major}.{minor + 1}"]
    storage = draw(st.integers(STORAGE_GIB[0], STORAGE_GIB[-1] * 10 // 11))
    backup, maintenance = draw(windows())
    identifiers = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,62}", fullmatch=True).filter(
        lambda name: name.lower() not in RESERVED_DATABASE_WORDS and not name.lower().startswith("pg_")
    )
    return {
        "db_name": draw(identifiers),
        "db_username": draw(identifiers),
        "db_password_owner": draw(st.sampled_from(["terraform", "rds"])),
        "db_password_version": draw(st.integers(1, 1000)),
        "db_engine_version": draw(st.sampled_from(versions)),
        "db_instance_class": draw(st.sampled_from(CLASSES)),
        "db_allocated_storage": storage,
        "db_max_allocated_storage": draw(st.just(0) | st.integers(-(-storage * 11 // 10), STORAGE_GIB[-1])),
        **draw(storage_speed(storage)),
        "db_multi_az": production or draw(st.booleans()),
        "db_backup_retention_days": draw(st.integers(1 if production else 0, BACKUP_DAYS[-1])),
        "db_backup_window": backup,
        "db_maintenance_window": maintenance,
        "db_skip_final_snapshot": draw(st.booleans()),
        "db_connections_alarm": draw(st.integers(1, 1000) | st.integers(1, MOST_CONNECTIONS)),
        "db_monitoring_interval": draw(st.sampled_from(MONITORING_SECONDS)),
    }


@st.composite
def storage_speed(draw: DrawFn, storage: int) -> Values:
    kind = draw(st.sampled_from(["gp2", "gp3"]))
    takes = kind == "gp3" and storage >= GP3_PROVISIONED_FROM
    iops = draw(st.just(0) | st.integers(GP3_IOPS[0], GP3_IOPS[-1])) if takes else 0
    most = min(GP3_THROUGHPUT[-1], (iops or GP3_IOPS[0]) // 4)
    throughput = draw(st.just(0) | st.integers(GP3_THROUGHPUT[0], most)) if takes else 0
    return {"db_storage_type": kind, "db_iops": iops, "db_storage_throughput": throughput}


@st.composite
def windows(draw: DrawFn) -> tuple[str, str]:
    """A daily window, and a weekly one between two of it."""
    start, length = draw(st.integers(0, DAY - 1)), draw(st.integers(30, 240))
    after = draw(st.integers(0, DAY - length - 30))
    from_ = draw(st.integers(0, 6)) * DAY + start + length + after
    until = from_ + draw(st.integers(30, DAY - length - after))
    return f"{_time(start)}-{_time(start + length)}", "-".join(
        f"{DAYS[minute % WEEK // DAY]}:{_time(minute)}" for minute in (from_, until)
    )


def _time(minute: int) -> str:
    return f"{minute % DAY // 60:02}:{minute % 60:02}"


def tags() -> SearchStrategy[dict[str, str]]:
    own = {JAVASCRIPTS_OWN, *(tag.lower() for tag in OWN_TAGS)}
    keys = st.text(TAG_TEXT, min_size=1, max_size=TAG_KEY_LENGTH).filter(
        lambda key: key.lower() not in own and not key.lower().startswith("aws:")
    )
    pairs = st.tuples(keys, st.text(TAG_TEXT, max_size=TAG_VALUE_LENGTH))
    return st.lists(pairs, max_size=MOST_TAGS, unique_by=lambda pair: pair[0].lower()).map(dict)


def hcl(values: Values) -> str:
    """Write values as a tfvars file has them."""
    return "".join(f"{key} = {_literal(value)}\n" for key, value in values.items())


def _literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{\n" + "".join(f"{_literal(key)} = {_literal(item)}\n" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(_literal(item) for item in value)}]"
    return json.dumps(value, ensure_ascii=False)
