# Production. What each key means, its unit and its limits: docs/reference/settings.md.
environment = "production"
project     = "prodready-infra"

# The account. A new owner edits these four, in both tfvars, and the bucket in both backend.conf.
account_id           = "875486186130"
aws_region           = "us-east-1"
state_replica_region = "us-west-2"
github_repository    = "prodready-infra/prodready-infra" # owner@id/name@id for one made or renamed after 2026-07-15

# Network
vpc_name              = "prodready-infra-prod-vpc"
vpc_cidr              = "10.1.0.0/16"
availability_zones    = ["us-east-1a", "us-east-1b"]
public_subnet_cidrs   = ["10.1.0.0/24", "10.1.1.0/24"]
private_subnet_cidrs  = ["10.1.2.0/24", "10.1.3.0/24"]
database_subnet_cidrs = ["10.1.4.0/24", "10.1.5.0/24"]
flow_logs             = "cloudwatch"
nat_gateways          = 2

# Load balancer
# "none" until there is a domain: no real user should sign in before.
certificate_arn = "none"
alb_access_logs = true

# Services
image_owner = "terraform"
ecs = {
  backend = {
    repository        = "prodready-infra-api"
    image_tag         = "initial"
    cpu               = 256
    memory            = 512
    container_memory  = 512
    port              = 8080
    health_check_path = "/api/health"
    desired_count     = 2
    min_capacity      = 2
    max_capacity      = 10
  }
  frontend = {
    repository        = "prodready-infra-frontend"
    image_tag         = "initial"
    cpu               = 256
    memory            = 512
    container_memory  = 256
    port              = 80
    health_check_path = "/health"
    desired_count     = 2
    min_capacity      = 2
    max_capacity      = 10
  }
}

# Database
db_name                  = "prodready_infra_production"
db_username              = "postgres"
db_password_version      = 1
db_engine_version        = "15"
db_instance_class        = "db.t3.medium"
db_allocated_storage     = 20
db_max_allocated_storage = 100
db_storage_type          = "gp2"
db_iops                  = 0
db_storage_throughput    = 0
db_multi_az              = true
db_backup_retention_days = 7
db_backup_window         = "03:00-04:00"
db_maintenance_window    = "sun:04:00-sun:05:00"
db_skip_final_snapshot   = false
db_connections_alarm     = 300
db_monitoring_interval   = 60

# Operations
backup_delete_after_days = 35
deletion_protection      = true
customer_managed_key     = true
secret_recovery_days     = 30
log_retention_days       = 90
alarm_email              = "none"
users_email_from         = ""
tags                     = {}

# GitHub's OIDC provider: an account has one. "existing" where another project made it.
github_oidc_provider = "create"
