"""The gaps mended in networks, load balancers and services, seen as the Terraform provider sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

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


def test_a_database_subnet_group_grows_by_a_zone(client: Client, network: dict[str, str]):
    ec2, rds = client("ec2"), client("rds")
    further = ec2.create_subnet(VpcId=network["vpc"], CidrBlock="10.9.7.0/24")["Subnet"]["SubnetId"]
    named = {"DBSubnetGroupName": "grows", "DBSubnetGroupDescription": "for the database"}
    rds.create_db_subnet_group(**named, SubnetIds=[network["subnet"]])
    rds.modify_db_subnet_group(**named, SubnetIds=[network["subnet"], further])
    (group,) = rds.describe_db_subnet_groups(DBSubnetGroupName="grows")["DBSubnetGroups"]
    assert [each["SubnetIdentifier"] for each in group["Subnets"]] == [network["subnet"], further]


def test_rds_makes_its_log_groups_anew_while_it_is_deleted_and_the_next_apply_collides(client: Client):
    rds, logs = client("rds"), client("logs")
    name = "/aws/rds/instance/last-lines/postgresql"
    logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=name, retentionInDays=7)
    database = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    rds.create_db_instance(
        DBInstanceIdentifier="last-lines", EnableCloudwatchLogsExports=["postgresql", "upgrade"], **database
    )
    rds.delete_db_instance(DBInstanceIdentifier="last-lines", SkipFinalSnapshot=True)
    logs.delete_log_group(logGroupName=name)
    groups = logs.describe_log_groups(logGroupNamePrefix="/aws/rds/instance/last-lines/")["logGroups"]
    assert {each["logGroupName"].rpartition("/")[2] for each in groups} == {"postgresql", "upgrade"}
    assert not any("retentionInDays" in each for each in groups)
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        logs.create_log_group(logGroupName=name)
    # Once only: what it left can be deleted for good.
    logs.delete_log_group(logGroupName=name)
    logs.create_log_group(logGroupName=name)


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
