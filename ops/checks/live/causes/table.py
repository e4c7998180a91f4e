"""The table of all causes, those that others follow from first; docs/troubleshooting.md is made of it."""

from __future__ import annotations

from ops.checks.live.causes import (
    database,
    grace,
    health_checks,
    migration,
    ports,
    rollout,
    routes,
    scaling,
    secrets,
    security_groups,
    serving,
    sign_in,
    starting,
    state,
)
from ops.checks.live.findings import Cause

CAUSES: tuple[Cause, ...] = (
    routes.NO_ROUTE,
    security_groups.SECURITY_GROUP_EDGE,
    database.DATABASE_FULL,
    database.DATABASE_UNREACHABLE,
    database.OUT_OF_CONNECTIONS,
    secrets.SECRET_UNREADABLE,
    starting.CANNOT_PULL,
    starting.OUT_OF_MEMORY,
    migration.MIGRATION_FAILED,
    ports.PORT_MISMATCH,
    health_checks.HEALTH_PATH_WRONG,
    health_checks.HEALTH_PATH_NEEDS_LOGIN,
    grace.GRACE_TOO_SHORT,
    rollout.ROLLED_BACK,
    serving.DEREGISTRATION_CYCLE,
    serving.NO_HEALTHY_TARGET,
    scaling.AUTOSCALING_PINNED,
    sign_in.COGNITO_MISMATCH,
    state.STALE_LOCK,
    state.STATE_DIGEST,
)
