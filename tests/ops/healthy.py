"""A healthy platform made by plain API calls, in seconds, as the stack would have made it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from environments.settings import SERVICES
from tests.ops.places import Place

BACKEND, FRONTEND = "backend", "frontend"
PORTS = {BACKEND: 8080, FRONTEND: 80}
READ_SECRET = "read-database-url"
MIGRATE = "migrate"
"""The container that runs before the backend's."""


@dataclass
class Patient:
    """The platform, and the ids by which a test spoils it."""

    place: Place
    ids: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return self.place.aws.client(service)


def make(place: Place) -> Patient:
    patient = Patient(place)
    for part in (_network, _security_groups, _load_balancer, _data, _sign_in, _services, _scaling, _state):
        part(patient, patient.ids)
    return patient


def _network(patient: Patient, ids: dict[str, Any]) -> None:
    ec2 = patient.client("ec2")
    vpc = ids["vpc"] = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=f"us-east-2{'ab'[n % 2]}")["Subnet"]
        for n in range(6)
    ]
    ids["public"], ids["private"], ids["database"] = (
        [each["SubnetId"] for each in subnets[n : n + 2]] for n in (0, 2, 4)
    )
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=ids["public"][0], AllocationId=address)["NatGateway"]["NatGatewayId"]
    ids["nat"] = nat
    for tier, way_out in (("public", {"GatewayId": gateway}), ("private", {"NatGatewayId": nat})):
        table = ids[f"{tier}_table"] = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way_out)
        for subnet in ids[tier]:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)


def permission(port: int, peer: str) -> dict[str, Any]:
    """One TCP port, for a group or an address range."""
    whom = {"UserIdGroupPairs": [{"GroupId": peer}]} if peer.startswith("sg-") else {"IpRanges": [{"CidrIp": peer}]}
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **whom}


def _security_groups(patient: Patient, ids: dict[str, Any]) -> None:
    ec2, names = patient.client("ec2"), patient.place.settings.names
    for part in ("alb", "ecs", "rds"):
        group = ec2.create_security_group(GroupName=names.security_group(part), Description=part, VpcId=ids["vpc"])
        ids[part] = group["GroupId"]
        ec2.revoke_security_group_egress(
            GroupId=ids[part], IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        )
    edges = [("alb", "ecs", 8080), ("alb", "ecs", 80), ("ecs", "rds", 5432)]
    for source, target, port in edges:
        ec2.authorize_security_group_egress(GroupId=ids[source], IpPermissions=[permission(port, ids[target])])
        ec2.authorize_security_group_ingress(GroupId=ids[target], IpPermissions=[permission(port, ids[source])])
    ec2.authorize_security_group_egress(GroupId=ids["ecs"], IpPermissions=[permission(443, "0.0.0.0/0")])


def _load_balancer(patient: Patient, ids: dict[str, Any]) -> None:
    elb, settings = patient.client("elbv2"), patient.place.settings
    balancer = elb.create_load_balancer(
        Name=settings.names.load_balancer, Subnets=ids["public"], SecurityGroups=[ids["alb"]]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    for service, name, path in (
        (BACKEND, settings.names.target_group("backend"), settings.ecs.backend.health_check_path),
        (FRONTEND, settings.names.target_group("frontend"), settings.ecs.frontend.health_check_path),
    ):
        group = elb.create_target_group(
            Name=name,
            Port=PORTS[service],
            Protocol="HTTP",
            VpcId=ids["vpc"],
            TargetType="ip",
            HealthCheckPath=path,
            Matcher={"HttpCode": "200"},
        )["TargetGroups"][0]
        ids[f"{service}_group"] = group["TargetGroupArn"]
    listener = elb.create_listener(
        LoadBalancerArn=balancer,
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "forward", "TargetGroupArn": ids["backend_group"]}],
    )["Listeners"][0]["ListenerArn"]
    elb.create_rule(
        ListenerArn=listener,
        Priority=2,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": ids["frontend_group"]}],
    )


def _data(patient: Patient, ids: dict[str, Any]) -> None:
    rds, names = patient.client("rds"), patient.place.settings.names
    rds.create_db_subnet_group(
        DBSubnetGroupName=names.database, DBSubnetGroupDescription="database", SubnetIds=ids["database"]
    )
    rds.create_db_instance(
        DBInstanceIdentifier=names.database,
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="postgres",
        MasterUserPassword="not-a-secret",
        DBSubnetGroupName=names.database,
        VpcSecurityGroupIds=[ids["rds"]],
    )
    manager = patient.client("secretsmanager")
    for key, name in (("secret", names.application_url_secret), ("master_secret", names.database_url_secret)):
        ids[key] = manager.create_secret(Name=name, SecretString="postgresql://")["ARN"]


def _sign_in(patient: Patient, ids: dict[str, Any]) -> None:
    cognito, names = patient.client("cognito-idp"), patient.place.settings.names
    ids["pool"] = cognito.create_user_pool(PoolName=names.user_pool)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=ids["pool"], ClientName=names.user_pool_client)
    ids["client"] = client["UserPoolClient"]["ClientId"]


def _services(patient: Patient, ids: dict[str, Any]) -> None:
    ecs, iam, logs = (patient.client(each) for each in ("ecs", "iam", "logs"))
    settings = patient.place.settings
    ids["cluster"] = ecs.create_cluster(clusterName=settings.names.cluster)["cluster"]["clusterArn"]
    for service in SERVICES:
        names = settings.names.service(service)
        logs.create_log_group(logGroupName=names.log_group)
        role = iam.create_role(RoleName=names.execution_role, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        ids[f"{service}_role"] = role
    statement = {
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue"],
        "Resource": [ids["secret"], ids["master_secret"]],
    }
    iam.put_role_policy(
        RoleName=settings.names.service("backend").execution_role,
        PolicyName=READ_SECRET,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    for service in SERVICES:
        names = settings.names.service(service)
        ecs.create_service(
            cluster=settings.names.cluster,
            serviceName=names.ecs_service,
            taskDefinition=register(patient, service),
            desiredCount=2,
            launchType="FARGATE",
            healthCheckGracePeriodSeconds=60,
            networkConfiguration={
                "awsvpcConfiguration": {"subnets": ids["private"], "securityGroups": [ids["ecs"]]},
            },
            loadBalancers=[
                {
                    "targetGroupArn": ids[f"{service}_group"],
                    "containerName": names.container,
                    "containerPort": PORTS[service],
                }
            ],
        )


def register(patient: Patient, service: str, **changes: Any) -> str:
    """One more revision, its container changed; its ARN."""
    ids, settings = patient.ids, patient.place.settings
    names, port = settings.names.service(service), PORTS[service]
    given = {"COGNITO_CLIENT_ID": ids["client"], "COGNITO_USER_POOL_ID": ids["pool"], "PORT": str(port)}
    own = {
        "environment": [{"name": key, "value": value} for key, value in given.items()],
        "secrets": [{"name": "DATABASE_URL", "valueFrom": ids["secret"]}],
    }
    options = {"awslogs-group": names.log_group, "awslogs-region": "us-east-2", "awslogs-stream-prefix": "ecs"}
    repository = settings.ecs.of(service).repository
    container = {
        "name": names.container,
        "image": settings.image_uri(repository, "initial"),
        "memory": 512,
        "portMappings": [{"containerPort": port, "hostPort": port}],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
        **(own if service == BACKEND else {}),
        **changes,
    }
    before = {
        "name": MIGRATE,
        "image": container["image"],
        "essential": False,
        "command": ["node", "migrate.js"],
        "secrets": [{"name": "MIGRATION_DATABASE_URL", "valueFrom": ids["master_secret"]}],
        "logConfiguration": {"logDriver": "awslogs", "options": options},
    }
    waiting = {"dependsOn": [{"containerName": MIGRATE, "condition": "SUCCESS"}]}
    containers = [{**container, **waiting}, before] if service == BACKEND else [container]
    return patient.client("ecs").register_task_definition(
        family=names.task_family,
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=ids[f"{service}_role"],
        cpu="256",
        memory="512",
        containerDefinitions=containers,
    )["taskDefinition"]["taskDefinitionArn"]


def _scaling(patient: Patient, ids: dict[str, Any]) -> None:
    scaling, settings = patient.client("application-autoscaling"), patient.place.settings
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    for service in SERVICES:
        name = settings.names.service(service).ecs_service
        of = {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{settings.names.cluster}/{name}",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        scaling.register_scalable_target(MinCapacity=2, MaxCapacity=10, **of)
        scaling.put_scaling_policy(
            PolicyName=f"{name}-cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0, "PredefinedMetricSpecification": metric},
            **of,
        )


def _state(patient: Patient, ids: dict[str, Any]) -> None:
    patient.place.write_state({})
    backend, dynamodb = patient.place.session.backend, patient.client("dynamodb")
    body = patient.client("s3").get_object(Bucket=backend.bucket, Key=backend.key)["Body"].read()
    dynamodb.create_table(
        TableName=backend.dynamodb_table,
        AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    put_item(patient, f"{backend.lock_id}-md5", "Digest", digest)


def put_item(patient: Patient, key: str, name: str, value: str) -> None:
    """An item of the lock table."""
    table = patient.place.session.backend.dynamodb_table
    patient.client("dynamodb").put_item(TableName=table, Item={"LockID": {"S": key}, name: {"S": value}})
