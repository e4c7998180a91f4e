"""What AWS accepts: sizes, names, versions and ranges, each with the AWS page that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FARGATE_MEMORY: Final[dict[int, range | tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""Memory in MiB that goes with CPU units. ECS developer guide, "Task CPU and memory"."""

SMALLEST_CONTAINER_MIB: Final = 6
"""ECS API reference, "ContainerDefinition", memory."""
MOST_TASKS_A_SERVICE: Final = 5000
"""Amazon ECS service quotas, "Tasks per service"."""

ADDRESS_PREFIXES: Final = range(16, 28 + 1)
"""Prefix lengths of a VPC and of a subnet. VPC user guide, "VPC CIDR blocks" and "Subnet CIDR blocks"."""
LOAD_BALANCER_PREFIX: Final = 27
"""Smallest subnet of a load balancer. "Application Load Balancers", subnets for your load balancer."""
FEWEST_ZONES: Final = 2
"""For a load balancer ("Application Load Balancers") and a DB subnet group ("Working with a DB instance in a VPC")."""

OLDEST_POSTGRES_MINOR: Final = {13: 23, 14: 18, 15: 13, 16: 9, 17: 5, 18: 1}
"""First minor of each major of which RDS still creates instances, since May 2026; those before are withdrawn.
"Release calendars for Amazon RDS for PostgreSQL" and its deprecation notice of 31 May 2026; of 18, "Amazon RDS for
PostgreSQL updates", which had 18.0 as a preview only. 11 and 12 are in paid Extended Support from the first day."""

STORAGE_GIB: Final = range(20, 65536 + 1)
"""General purpose storage and PostgreSQL. RDS user guide, "Amazon RDS DB instance storage"."""
GP3_PROVISIONED_FROM: Final = 400
"""GiB from which gp3 of PostgreSQL takes IOPS and a throughput; below it has 3000 and 125 MiB/s. Same page."""
GP3_IOPS: Final = range(12000, 64000 + 1)
GP3_THROUGHPUT: Final = range(500, 4000 + 1)
"""MiB/s. Same page."""
GP3_IOPS_PER_THROUGHPUT: Final = 4
"""A MiB/s takes at least so many IOPS. Same page."""
STORAGE_HEADROOM_PERCENT: Final = 10
"""How far the maximum must be above the allocated. RDS user guide, "Managing capacity automatically with Amazon RDS
storage autoscaling"."""
BACKUP_DAYS: Final = range(0, 35 + 1)
"""RDS user guide, "Backup retention period"; 0 turns backups off."""
RECOVERY_POINT_DAYS: Final = range(1, 36500 + 1)
"""AWS Backup developer guide, "Backup plan options and configuration", retention period: a day to a hundred years."""
SHORTEST_WINDOW_MINUTES: Final = 30
"""RDS API reference, "CreateDBInstance", PreferredBackupWindow and PreferredMaintenanceWindow."""
MONITORING_SECONDS: Final = (0, 1, 5, 10, 15, 30, 60)
"""RDS API reference, "CreateDBInstance", MonitoringInterval; 0 turns Enhanced Monitoring off."""
MOST_CONNECTIONS: Final = 8388607
"""RDS user guide, "Quotas and constraints for Amazon RDS", maximum number of database connections."""

LOG_RETENTION_DAYS: Final = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""CloudWatch Logs API reference, "PutRetentionPolicy"."""
SECRET_RECOVERY_DAYS: Final = range(7, 30 + 1)
"""Secrets Manager API reference, "DeleteSecret", RecoveryWindowInDays."""

TAG_KEY_LENGTH: Final = 128
TAG_VALUE_LENGTH: Final = 256
"""Tagging AWS resources user guide, "Tag naming limits and requirements"."""
MOST_TAGS: Final = 40
"""AWS allows 50 a resource (same page); ten are kept for those the platform and AWS set."""

REPOSITORY: Final = r"(?=.{2,256}$)[a-z0-9]+(?:(?:\.|_|__|-+|/)[a-z0-9]+)*"
"""ECR API reference, "CreateRepository", repositoryName."""
IMAGE_DIGEST: Final = r"sha256:[0-9a-f]{64}"
"""ECR API reference, "ImageIdentifier", imageDigest, of the one algorithm that registries use."""
IMAGE_TAG: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
"""Docker reference, "docker image tag"."""
DATABASE_IDENTIFIER: Final = r"[A-Za-z][A-Za-z0-9_]{0,62}"
"""RDS API reference, "CreateDBInstance", DBName and MasterUsername of RDS for PostgreSQL."""

_RESERVED_WORDS = """
all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc distinct
do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit
localtime localtimestamp not null offset on only or order placing primary references returning select session_user some
symmetric system_user table then to trailing true union unique user using variadic when where window with
admin rdsadmin rdsrepladmin rds_superuser template0 template1
"""
RESERVED_DATABASE_WORDS: Final = frozenset(_RESERVED_WORDS.split())
"""PostgreSQL manual, appendix "SQL Key Words" (reserved), and the names RDS keeps for itself."""


@dataclass(frozen=True, slots=True)
class NameLimit:
    """What a service accepts as a name."""

    what: str
    longest: int
    pattern: str
    allowed: str


_WORD = "letters, digits, hyphens and underscores"
_HOST = "lowercase letters, digits and single hyphens, a letter first and no hyphen last"

VPC: Final = NameLimit("VPC", TAG_VALUE_LENGTH, r".+", "a tag's value")
"""Its name is a tag."""
LOAD_BALANCER: Final = NameLimit(
    "load balancer",
    32,
    r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
    'letters, digits and hyphens, no hyphen first or last, not beginning with "internal-"',
)
"""Elastic Load Balancing API reference, "CreateLoadBalancer"."""
TARGET_GROUP: Final = NameLimit(
    "target group",
    32,
    r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?",
    "letters, digits and hyphens, no hyphen first or last",
)
"""Elastic Load Balancing API reference, "CreateTargetGroup"."""
BUCKET: Final = NameLimit(
    "bucket",
    63,
    r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:-s3alias|--ol-s3|--x-s3|--table-s3)$)[a-z0-9][a-z0-9-]+[a-z0-9]",
    'lowercase letters, digits and hyphens, no hyphen first or last, none of the prefixes S3 keeps ("sthree-", ...)',
)
"""S3 user guide, "General purpose bucket naming rules"; without dots, which break TLS."""
DATABASE: Final = NameLimit("database", 63, r"[a-z](?:-?[a-z0-9])*", _HOST)
"""RDS API reference, "CreateDBInstance", DBInstanceIdentifier."""
BACKUP_VAULT: Final = NameLimit("backup vault", 50, r"[A-Za-z0-9_-]{2,}", _WORD)
"""AWS Backup API reference, "CreateBackupVault", BackupVaultName."""
BACKUP_PLAN: Final = NameLimit("backup plan", 50, r"[A-Za-z0-9._-]+", "letters, digits and ._-")
"""AWS Backup API reference, "BackupPlan", BackupPlanName, and "BackupSelection", SelectionName."""
DB_EVENT_SUBSCRIPTION: Final = NameLimit("DB event subscription", 254, r"[a-z](?:-?[a-z0-9])*", _HOST)
"""RDS API reference, "CreateEventSubscription", SubscriptionName; letters as those of the other names of RDS."""
DB_PARAMETER_GROUP: Final = NameLimit("DB parameter group", 255, r"[a-z](?:-?[a-z0-9])*", _HOST)
"""RDS API reference, "CreateDBParameterGroup"."""
DB_SUBNET_GROUP: Final = NameLimit(
    "DB subnet group", 255, r"[a-z0-9 ._-]+", "lowercase letters, digits, spaces, dots, hyphens and underscores"
)
"""RDS API reference, "CreateDBSubnetGroup"; stored in lower case, hence no capitals."""
ROLE: Final = NameLimit("IAM role", 64, r"[\w+=,.@-]+", "letters, digits and _+=,.@-")
"""IAM API reference, "CreateRole"."""
POLICY: Final = NameLimit("IAM policy", 128, r"[\w+=,.@-]+", "letters, digits and _+=,.@-")
"""IAM API reference, "CreatePolicy"."""
ECS: Final = NameLimit("ECS cluster, service, task family or container", 255, r"[A-Za-z0-9_-]+", _WORD)
"""ECS API reference, "CreateCluster", "CreateService" and "RegisterTaskDefinition"."""
SCALING_POLICY: Final = NameLimit("scaling policy", 256, r"[ -~]+", "printable characters")
"""Application Auto Scaling API reference, "PutScalingPolicy"."""
LOG_GROUP: Final = NameLimit("log group", 512, r"[.\-_/#A-Za-z0-9]+", "letters, digits and ._-/#")
"""CloudWatch Logs API reference, "CreateLogGroup"."""
SECRET: Final = NameLimit("secret", 512, r"[A-Za-z0-9/_+=.@-]+", "letters, digits and /_+=.@-")
"""Secrets Manager API reference, "CreateSecret"."""
DYNAMODB_TABLE: Final = NameLimit("DynamoDB table", 255, r"[A-Za-z0-9_.-]{3,}", "letters, digits, and _.-")
"""DynamoDB API reference, "CreateTable"."""
USER_POOL: Final = NameLimit(
    "Cognito user pool or client", 128, r"[\w\s+=,.@-]+", "letters, digits, spaces and +=,.@-_"
)
"""Cognito user pools API reference, "CreateUserPool" and "CreateUserPoolClient"."""
TOPIC: Final = NameLimit("SNS topic", 256, r"[A-Za-z0-9_-]+", _WORD)
"""SNS API reference, "CreateTopic"."""
DASHBOARD: Final = NameLimit("dashboard", 255, r"[A-Za-z0-9_-]+", _WORD)
"""CloudWatch API reference, "PutDashboard"."""
KEY_ALIAS: Final = NameLimit("KMS alias", 250, r"(?!aws/)[A-Za-z0-9/_-]+", _WORD)
"""KMS API reference, "CreateAlias", without its alias/ prefix."""
SECURITY_GROUP: Final = NameLimit(
    "security group", 255, r"(?!sg-)[\w .:/()#,@\[\]+=&;{}!$*-]+", "letters, digits and ._-:/()#,@[]+=&;{}!$*"
)
"""EC2 API reference, "CreateSecurityGroup"."""
