"""Each gap mended in the emulator, seen through the AWS API as the Terraform provider sees it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.emulator import patches

Client = Callable[[str], Any]
ECS_TARGET = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}


@pytest.fixture(scope="module")
def network(client: Client) -> dict[str, str]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    first, second = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("one", "two")
    )
    return {"vpc": vpc, "subnet": subnet, "first": first, "second": second}


def ecs_service(client: Client, network: dict[str, str], name: str, **settings: Any) -> dict[str, Any]:
    ecs = client("ecs")
    ecs.create_cluster(clusterName="patched")
    ecs.register_task_definition(family=name, containerDefinitions=[{"name": "c", "image": "i", "memory": 128}])
    vpc = {"subnets": [network["subnet"]], "securityGroups": [network["first"]]}
    ecs.create_service(
        cluster="patched",
        serviceName=name,
        taskDefinition=name,
        desiredCount=1,
        networkConfiguration={"awsvpcConfiguration": vpc},
        **settings,
    )
    return ecs.describe_services(cluster="patched", services=[name])["services"][0]


def test_every_patch_is_applied_to_a_fresh_emulator_only_once():
    assert len(set(patches.PATCHES)) == len(patches.PATCHES)


def test_scalable_targets_keep_their_tags(client: Client, network: dict[str, str]):
    ecs_service(client, network, "tagged")
    scaling = client("application-autoscaling")
    arn = scaling.register_scalable_target(
        ResourceId="service/patched/tagged", MinCapacity=1, MaxCapacity=2, Tags={"a": "1"}, **ECS_TARGET
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"b": "2", "c": "3"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["c", "unknown"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "1", "b": "2"}


def test_tags_of_an_unknown_scalable_target_are_an_error_and_not_a_server_failure(client: Client):
    arn = "arn:aws:application-autoscaling:us-east-2:875486186130:scalable-target/none"
    with pytest.raises(ClientError) as error:
        client("application-autoscaling").list_tags_for_resource(ResourceARN=arn)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_scaling_policies_and_their_alarms_end_with_their_target(client: Client, network: dict[str, str]):
    ecs_service(client, network, "scaled")
    scaling = client("application-autoscaling")
    target = {"ResourceId": "service/patched/scaled", **ECS_TARGET}
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=2, **target)
    metric = {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}
    policy = scaling.put_scaling_policy(
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={"TargetValue": 70, "PredefinedMetricSpecification": metric},
        **target,
    )
    alarms = [alarm["AlarmName"] for alarm in policy["Alarms"]]
    scaling.deregister_scalable_target(**target)
    assert (
        scaling.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=target["ResourceId"])["ScalingPolicies"]
        == []
    )
    assert client("cloudwatch").describe_alarms(AlarmNames=alarms)["MetricAlarms"] == []


def create_bucket(client: Client, name: str) -> None:
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-east-2"})


DESTINATION = {"Bucket": "arn:aws:s3:::replica", "StorageClass": "STANDARD_IA"}


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Enabled"}},
        {"Filter": {"Prefix": "state/"}, "DeleteMarkerReplication": {"Status": "Disabled"}},
        {
            "Filter": {"And": {"Prefix": "x/", "Tags": [{"Key": "a", "Value": "b"}]}},
            "DeleteMarkerReplication": {"Status": "Disabled"},
        },
        {
            "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}]}},
            "DeleteMarkerReplication": {"Status": "Disabled"},
        },
    ],
)
def test_replication_rules_come_back_as_they_were_put(client: Client, rule: dict[str, Any]):
    s3 = client("s3")
    bucket = f"replicated-{uuid.uuid4()}"
    create_bucket(client, bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    full = {"ID": "one", "Priority": 3, "Status": "Enabled", "Destination": DESTINATION, **rule}
    role = "arn:aws:iam::875486186130:role/replication"
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [full]})
    stored = s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
    assert stored["Role"] == role
    got = stored["Rules"][0]
    # An empty prefix and none are one and the same.
    got["Filter"].get("And", got["Filter"]).setdefault("Prefix", "")
    assert got == full


def test_a_bucket_without_replication_says_so(client: Client):
    create_bucket(client, "alone")
    with pytest.raises(ClientError, match="ReplicationConfigurationNotFoundError"):
        client("s3").get_bucket_replication(Bucket="alone")


def test_a_tls_only_policy_does_not_shut_everybody_out(client: Client):
    s3 = client("s3")
    create_bucket(client, "tls-only")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::tls-only/*"}
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps(policy))
    s3.put_object(Bucket="tls-only", Key="a", Body=b"a")
    assert s3.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"a"
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    with pytest.raises(ClientError, match=r"Forbidden|AccessDenied"):
        s3.get_object(Bucket="tls-only", Key="a")


def test_versions_and_delete_markers_can_be_deleted_once_versioning_is_suspended(client: Client):
    s3 = client("s3")
    bucket = "suspended"
    create_bucket(client, bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})

    def left() -> list[tuple[str, str]]:
        page = s3.list_object_versions(Bucket=bucket)
        return [
            (each["Key"], each["VersionId"]) for kind in ("Versions", "DeleteMarkers") for each in page.get(kind, [])
        ]

    everything = left()
    assert len(everything) == 5
    for count, (key, version) in enumerate(everything, start=1):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
        assert len(left()) == len(everything) - count, "one version a call"
    s3.delete_bucket(Bucket=bucket)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
@pytest.mark.parametrize("kind", ["group", "prefix list", "IPv4", "IPv6"])
def test_security_group_rules_keep_their_description(
    client: Client, network: dict[str, str], direction: str, kind: str
):
    ec2 = client("ec2")
    port = 1000 + 10 * ["group", "prefix list", "IPv4", "IPv6"].index(kind)
    peers: dict[str, Any] = {
        "group": ("UserIdGroupPairs", {"GroupId": network["second"]}, {"ReferencedGroupId": network["second"]}),
        "prefix list": ("PrefixListIds", {"PrefixListId": "pl-1"}, {"PrefixListId": "pl-1"}),
        "IPv4": ("IpRanges", {"CidrIp": "10.0.0.0/8"}, {"CidrIpv4": "10.0.0.0/8"}),
        "IPv6": ("Ipv6Ranges", {"CidrIpv6": "::/0"}, {"CidrIpv6": "::/0"}),
    }
    key, peer, modified = peers[kind]
    ports = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
    permission = {**ports, key: [{**peer, "Description": "first"}]}
    authorize = getattr(ec2, f"authorize_security_group_{direction}")
    rule = authorize(GroupId=network["first"], IpPermissions=[permission])["SecurityGroupRules"][0]

    def description() -> str:
        rules = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
        return str(rules["SecurityGroupRules"][0]["Description"])

    assert (rule["Description"], description()) == ("first", "first")
    update = {**ports, **modified, "Description": "second"}
    ec2.modify_security_group_rules(
        GroupId=network["first"],
        SecurityGroupRules=[{"SecurityGroupRuleId": rule["SecurityGroupRuleId"], "SecurityGroupRule": update}],
    )
    assert description() == "second"
    with pytest.raises(ClientError, match="Duplicate"):
        authorize(GroupId=network["first"], IpPermissions=[{**ports, key: [{**peer, "Description": "third"}]}])


def test_db_parameters_are_the_users_and_can_be_reset(client: Client):
    rds = client("rds")
    rds.create_db_parameter_group(DBParameterGroupName="pg", DBParameterGroupFamily="postgres15", Description="pg")
    parameters = [
        {"ParameterName": name, "ParameterValue": "1", "ApplyMethod": "immediate"}
        for name in ("rds.force_ssl", "log_connections")
    ]
    rds.modify_db_parameter_group(DBParameterGroupName="pg", Parameters=parameters)

    def own() -> dict[str, str]:
        found = rds.describe_db_parameters(DBParameterGroupName="pg", Source="user")["Parameters"]
        return {each["ParameterName"]: each["Source"] for each in found}

    assert own() == {"rds.force_ssl": "user", "log_connections": "user"}
    rds.reset_db_parameter_group(DBParameterGroupName="pg", Parameters=parameters[1:])
    assert own() == {"rds.force_ssl": "user"}
    rds.reset_db_parameter_group(DBParameterGroupName="pg", ResetAllParameters=True)
    assert own() == {}


def db_instance(client: Client, name: str, **settings: Any) -> dict[str, Any]:
    return client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        Engine="postgres",
        EngineVersion="15",
        DBInstanceClass="db.t3.micro",
        AllocatedStorage=20,
        **settings,
    )["DBInstance"]


def test_each_database_has_a_resource_id_of_its_own(client: Client):
    first, second = (db_instance(client, name)["DbiResourceId"] for name in ("db-one", "db-two"))
    assert first != second
    found = client("rds").describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": [second]}])
    assert [each["DBInstanceIdentifier"] for each in found["DBInstances"]] == ["db-two"]


def test_databases_keep_their_performance_insights(client: Client):
    db_instance(client, "db-insights", EnablePerformanceInsights=True, PerformanceInsightsRetentionPeriod=31)

    def insights() -> tuple[Any, Any]:
        found = client("rds").describe_db_instances(DBInstanceIdentifier="db-insights")["DBInstances"][0]
        return found["PerformanceInsightsEnabled"], found.get("PerformanceInsightsRetentionPeriod")

    assert insights() == (True, 31)
    client("rds").modify_db_instance(DBInstanceIdentifier="db-insights", EnablePerformanceInsights=False)
    assert insights() == (False, None)
    client("rds").modify_db_instance(DBInstanceIdentifier="db-insights", EnablePerformanceInsights=True)
    assert insights() == (True, 7), "the free retention, in days"


def test_backups_may_end_when_maintenance_begins_but_not_later(client: Client):
    windows = {"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "sun:04:00-sun:05:00"}
    assert db_instance(client, "db-windows", **windows)["PreferredBackupWindow"] == "03:00-04:00"
    with pytest.raises(ClientError, match="must not overlap"):
        db_instance(client, "db-overlap", **{**windows, "PreferredBackupWindow": "03:00-04:30"})


def test_ecs_services_keep_their_settings(client: Client, network: dict[str, str]):
    breaker = {"enable": True, "rollback": True}
    wanted: dict[str, Any] = {
        "launchType": "FARGATE",
        "enableExecuteCommand": True,
        "enableECSManagedTags": True,
        "healthCheckGracePeriodSeconds": 60,
        "availabilityZoneRebalancing": "ENABLED",
        "deploymentConfiguration": {
            "maximumPercent": 150,
            "minimumHealthyPercent": 50,
            "deploymentCircuitBreaker": breaker,
        },
    }
    service = ecs_service(client, network, "settings", **wanted)
    assert {key: service[key] for key in wanted} == wanted


def test_ecs_services_have_the_defaults_of_aws(client: Client, network: dict[str, str]):
    service = ecs_service(client, network, "defaults")
    deployment = {
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    }
    assert service["deploymentConfiguration"] == deployment
    assert service["enableExecuteCommand"] is False
    assert service["availabilityZoneRebalancing"] == "DISABLED"


def test_a_capacity_provider_strategy_stands_in_for_the_launch_type(client: Client, network: dict[str, str]):
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0}]
    service = ecs_service(client, network, "spot", capacityProviderStrategy=strategy)
    assert service["capacityProviderStrategy"] == strategy
    assert "launchType" not in service


def test_a_partial_deployment_configuration_leaves_the_rest(client: Client, network: dict[str, str]):
    breaker = {"enable": True, "rollback": True}
    ecs_service(client, network, "partial", deploymentConfiguration={"deploymentCircuitBreaker": breaker})
    updated = client("ecs").update_service(
        cluster="patched", service="partial", deploymentConfiguration={"maximumPercent": 150}
    )["service"]["deploymentConfiguration"]
    assert updated == {"maximumPercent": 150, "minimumHealthyPercent": 100, "deploymentCircuitBreaker": breaker}


def test_a_new_task_definition_starts_a_deployment(client: Client, network: dict[str, str]):
    before = ecs_service(client, network, "revised")
    ecs = client("ecs")
    ecs.register_task_definition(family="revised", containerDefinitions=[{"name": "c", "image": "j", "memory": 128}])
    after = ecs.update_service(cluster="patched", service="revised", taskDefinition="revised:2")["service"]
    assert after["taskDefinition"].endswith(":task-definition/revised:2")
    assert after["deployments"][0]["taskDefinition"] == after["taskDefinition"]
    assert after["deployments"][0]["id"] != before["deployments"][0]["id"]


def test_encryption_of_a_table_can_be_changed(client: Client):
    dynamodb = client("dynamodb")
    dynamodb.create_table(
        TableName="encrypted",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table = dynamodb.update_table(TableName="encrypted", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    assert table["TableDescription"]["SSEDescription"]["Status"] == "ENABLED"
    assert "KMSMasterKeyArn" in table["TableDescription"]["SSEDescription"]
    dynamodb.update_table(TableName="encrypted", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in dynamodb.describe_table(TableName="encrypted")["Table"]


def test_protected_load_balancers_are_not_deleted(client: Client, network: dict[str, str]):
    elb = client("elbv2")
    other = client("ec2").create_subnet(VpcId=network["vpc"], CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    arn = elb.create_load_balancer(Name="protected", Subnets=[network["subnet"], other])["LoadBalancers"][0][
        "LoadBalancerArn"
    ]

    def protect(value: str) -> None:
        attribute = {"Key": "deletion_protection.enabled", "Value": value}
        elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[attribute])

    protect("true")
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        elb.delete_load_balancer(LoadBalancerArn=arn)
    protect("false")
    elb.delete_load_balancer(LoadBalancerArn=arn)


def test_protected_user_pools_are_not_deleted(client: Client):
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="protected", DeletionProtection="ACTIVE")["UserPool"]["Id"]
    with pytest.raises(ClientError, match="deletion protection"):
        cognito.delete_user_pool(UserPoolId=pool)
    cognito.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
    cognito.delete_user_pool(UserPoolId=pool)
