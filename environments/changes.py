"""What happens when a setting is changed on a platform that runs: one answer for every key.

Source of what RDS applies when: "ModifyDBInstance", Amazon RDS API reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from environments.settings import SERVICES


class Answer(StrEnum):
    """What a person has to reckon with."""

    SERVED = "applied without a failed request"
    INTERRUPTS = "applied at once, and requests fail as said"
    WINDOW = "applied in the maintenance window"
    REPLACES = "replaces what holds data: refused unless waived"
    FIXED = "cannot be changed: refused before the plan"


@dataclass(frozen=True, slots=True)
class Change:
    """The answer for one key; `what` says what to do, what it costs, or the way round."""

    answer: Answer
    what: str
    fixed: tuple[tuple[str, str], ...] = ()
    """Addresses, * for anything, and the attribute that has to stay as deployed; "": whether they are there at all."""


ANOTHER_PLATFORM = (
    "It would be another platform beside this one. Add it as an environment of its own, move what holds data "
    'as docs/operations.md, "Move to another account", has it, and tear the old one down.'
)
ANOTHER_NETWORK = (
    "AWS changes no subnet and deletes none in use, and RDS moves no database within its VPC. Make another environment "
    'with it, move what holds data as docs/operations.md, "Move to another account", has it, and tear this one down.'
)
ZONES = f"A further zone at the end is applied without a failed request. Another or fewer: {ANOTHER_NETWORK}"
NEW_REVISION = "New tasks take over from the old ones, which finish their requests."

CHANGES: dict[str, Change] = {
    "environment": Change(Answer.FIXED, ANOTHER_PLATFORM),
    "project": Change(Answer.FIXED, ANOTHER_PLATFORM),
    "account_id": Change(Answer.FIXED, ANOTHER_PLATFORM),
    "aws_region": Change(Answer.FIXED, f"availability_zones follow it. {ANOTHER_PLATFORM}"),
    "state_replica_region": Change(
        Answer.REPLACES,
        "Bootstrap's replica bucket: the copies of the state so far. Only later versions are copied to the new one. "
        "AWS Backup gets a vault in the new region, and the one in the old stays there with its recovery points, in no "
        "state any more.",
    ),
    "github_repository": Change(
        Answer.SERVED, "The roles trust another repository from then on; the old one's workflows are refused."
    ),
    "vpc_name": Change(Answer.FIXED, ANOTHER_NETWORK, (("aws_db_subnet_group.*", "name"),)),
    "vpc_cidr": Change(Answer.FIXED, ANOTHER_NETWORK, (("aws_vpc.*", "cidr_block"),)),
    "availability_zones": Change(Answer.FIXED, ZONES, (("aws_subnet.*", "availability_zone"),)),
    "public_subnet_cidrs": Change(Answer.FIXED, ZONES, (("aws_subnet.*_public_*", "cidr_block"),)),
    "private_subnet_cidrs": Change(Answer.FIXED, ZONES, (("aws_subnet.*_private_*", "cidr_block"),)),
    "database_subnet_cidrs": Change(Answer.FIXED, ZONES, (("aws_subnet.*_database_*", "cidr_block"),)),
    "nat_gateways": Change(
        Answer.SERVED,
        "Routes move to a gateway that is there before another one goes; what tasks have open through the old one is "
        "cut and has to be tried again. With 0 no task can start any more.",
    ),
    "flow_logs": Change(
        Answer.REPLACES, "The group or bucket of the other kind goes, and with it the records so far: read them before."
    ),
    "certificate_arn": Change(
        Answer.SERVED,
        "The first one: HTTPS serves before HTTP redirects to it. Another one: new connections get it. Taking it away "
        "ends every https:// address, and that is an outage for whoever has one.",
    ),
    "alb_access_logs": Change(
        Answer.REPLACES, "Without them the bucket goes, and with it the logs so far. With them none is lost."
    ),
    "image_owner": Change(Answer.SERVED, "Nothing changes but who registers the next revision."),
    "ecs.*.repository": Change(
        Answer.REPLACES,
        "Bootstrap's image repository, and with it every image: push those that run to the new one before.",
    ),
    "ecs.*.image_tag": Change(Answer.SERVED, NEW_REVISION),
    "ecs.*.cpu": Change(Answer.SERVED, NEW_REVISION),
    "ecs.*.memory": Change(Answer.SERVED, NEW_REVISION),
    "ecs.*.container_memory": Change(Answer.SERVED, NEW_REVISION),
    "ecs.*.port": Change(
        Answer.SERVED,
        "In two applies: the first with the port before as `previous_port`, which keeps the old tasks' way in for as "
        "long as ECS may return to them; the second, when `ops wait` says that the new ones serve, without it. Without "
        'it the first is refused. Where the pipeline owns the image, image_owner is "terraform" meanwhile.',
    ),
    "ecs.*.previous_port": Change(Answer.SERVED, "One more way in, or one fewer that nothing listens behind."),
    "ecs.*.health_check_path": Change(
        Answer.SERVED,
        "As long as the version that runs answers on the new path too: the load balancer asks for it at once, and the "
        "tasks that do not answer are out after 90 s. Deploy such a version first.",
    ),
    "ecs.*.desired_count": Change(Answer.SERVED, "It counts at the first deployment only."),
    "ecs.*.min_capacity": Change(Answer.SERVED, "Autoscaling moves the number of tasks between the limits."),
    "ecs.*.max_capacity": Change(
        Answer.SERVED,
        "Autoscaling moves the number of tasks between the limits. The backend's pool of connections follows: "
        + NEW_REVISION,
    ),
    "db_name": Change(
        Answer.FIXED,
        "RDS names a database only when it makes an instance. Create the other one in PostgreSQL, copy into it and "
        "have the application name it; or make another environment.",
        (("aws_db_instance.*", "db_name"),),
    ),
    "db_username": Change(
        Answer.FIXED,
        "RDS names the master user only when it makes an instance. The application has logins of its own; for more "
        "rights create another role in PostgreSQL, or make another environment.",
        (("aws_db_instance.*", "username"),),
    ),
    "db_password_owner": Change(
        Answer.REPLACES,
        "Either way in place and at once, and the tasks that run go on until new ones take over. The revision before "
        "starts no task any more, so a failed deployment has nothing to be rolled back to: change nothing else in that "
        'apply. To "rds": RDS makes another password, and the secret with the master user\'s URL goes, which is what '
        'has to be waived. To "terraform": RDS takes TF_VAR_db_password and deletes its own secret. Within '
        "secret_recovery_days of the way there, delete the old secret for good before the way back: its name is taken.",
    ),
    "db_password_version": Change(
        Answer.SERVED,
        "RDS takes the master user's password at once, with which the migration alone logs in. The application goes on "
        "with its login until new tasks come with its other one. Raise it by one: by two, the same login would get "
        "another password while tasks have it. Where RDS owns the master user's password, that one stays.",
    ),
    "db_engine_version": Change(
        Answer.INTERRUPTS,
        "Another major needs db_apply_immediately, and takes the database down for minutes in the apply, Multi-AZ or "
        "not; the way back is the snapshot that RDS takes before. In the window the old parameter group would stay in "
        "use, and the apply end with InvalidDBParameterGroupState. RDS goes to no older version.",
    ),
    "db_instance_class": Change(Answer.WINDOW, "Down for minutes there, Multi-AZ for about one."),
    "db_allocated_storage": Change(
        Answer.WINDOW, "No request fails. It only grows, and again after 6 hours at the earliest."
    ),
    "db_max_allocated_storage": Change(Answer.SERVED, "RDS takes it at once."),
    "db_storage_type": Change(Answer.WINDOW, "No request fails; the database is slower for hours."),
    "db_iops": Change(Answer.WINDOW, "No request fails. RDS changes the storage again after 6 hours at the earliest."),
    "db_storage_throughput": Change(
        Answer.WINDOW, "No request fails. RDS changes the storage again after 6 hours at the earliest."
    ),
    "db_multi_az": Change(Answer.WINDOW, "No request fails; the standby's copy makes writes slower for a while."),
    "db_backup_retention_days": Change(
        Answer.WINDOW,
        "At once, from one number to another. Between 0 and a number in the window, where reading and writing pause "
        "for seconds to minutes; 0 deletes the backups.",
    ),
    "db_backup_window": Change(Answer.SERVED, "RDS takes it at once."),
    "db_maintenance_window": Change(
        Answer.SERVED, "RDS takes it at once; a window that is open now makes what waits happen now."
    ),
    "db_skip_final_snapshot": Change(Answer.SERVED, "It counts at the destroy."),
    "db_apply_immediately": Change(
        Answer.SERVED, "By itself nothing changes; what waits for the window is then made by the next apply."
    ),
    "db_connections_alarm": Change(
        Answer.SERVED, f"The alarm's threshold. The backend's pool of connections follows: {NEW_REVISION}"
    ),
    "db_monitoring_interval": Change(Answer.SERVED, "RDS takes it at once."),
    "backup_delete_after_days": Change(
        Answer.REPLACES,
        "0 deletes both vaults: AWS refuses that while a recovery point is in them, and without deletion_protection "
        "these go with them. Any other number is applied without a failed request, and counts for later recovery "
        "points; those so far keep theirs.",
    ),
    "deletion_protection": Change(Answer.SERVED, "AWS takes it at once, each of the four."),
    "customer_managed_key": Change(
        Answer.FIXED,
        "Performance Insights stay with the key that they began with, and what the old key has encrypted is lost with "
        "it. Make another environment with it.",
        (("aws_kms_key.data_key", ""),),
    ),
    "secret_recovery_days": Change(Answer.SERVED, "It counts at the destroy."),
    "log_retention_days": Change(Answer.SERVED, "Fewer days delete what is older."),
    "alarm_email": Change(Answer.SERVED, "The new address hears of alarms once it has confirmed."),
    "users_email_from": Change(Answer.SERVED, "Codes come from the new address, once SES has verified its domain."),
    "tags": Change(Answer.SERVED, "In place."),
    "github_oidc_provider": Change(
        Answer.SERVED,
        'Bootstrap alone changes. To "existing" it deletes the provider, and no workflow signs in until there is one '
        "again: take it out of bootstrap's state before.",
    ),
    "backend.bucket": Change(Answer.FIXED, "Move the state as docs/state.md has it."),
    "backend.key": Change(Answer.FIXED, "It follows from project and environment."),
    "backend.region": Change(Answer.FIXED, "It follows from aws_region."),
    "backend.dynamodb_table": Change(Answer.FIXED, "It follows from the environment."),
    "backend.encrypt": Change(Answer.FIXED, "It is always true."),
}
"""By key of the tfvars and backend.conf; `ecs.*` are those of each service."""


def of(key: str) -> Change:
    """The answer for a key; raises KeyError for one that has none."""
    return CHANGES[re.sub(rf"^ecs\.({'|'.join(SERVICES)})\.", "ecs.*.", key)]
