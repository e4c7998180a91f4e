"""Draws docs/platform.png: `make picture`, with Debian's graphviz installed."""

from __future__ import annotations

from pathlib import Path

from diagrams import Cluster, Diagram, Edge
from diagrams.aws.compute import ECR, Fargate
from diagrams.aws.database import RDS, Dynamodb
from diagrams.aws.general import Users
from diagrams.aws.management import Cloudwatch
from diagrams.aws.network import ALB, NATGateway
from diagrams.aws.security import Cognito, SecretsManager
from diagrams.aws.storage import S3
from diagrams.onprem.ci import GithubActions
from diagrams.onprem.iac import Terraform

FONT = {"fontname": "Helvetica", "fontsize": "15"}
GRAPH = {**FONT, "pad": "0.2", "nodesep": "0.35", "ranksep": "0.75", "splines": "spline", "dpi": "80"}
GROUP = {**FONT, "margin": "14", "labeljust": "l"}

with Diagram(
    filename=str(Path(__file__).with_name("platform")),
    direction="LR",
    show=False,
    graph_attr=GRAPH,
    node_attr=FONT,
    edge_attr={**FONT, "color": "#545b64"},
):
    users = Users("Users")
    pipeline = GithubActions("GitHub Actions\n(OIDC)")
    with Cluster("VPC", graph_attr=GROUP):
        with Cluster("Public subnets", graph_attr=GROUP):
            balancer = ALB("Load balancer\n:80, :443")
            nat = NATGateway("NAT")
        with Cluster("Private subnets", graph_attr=GROUP):
            frontend = Fargate("Frontend\nReact, nginx :80")
            backend = Fargate("Backend\nExpress :8080")
        with Cluster("Database subnets", graph_attr=GROUP):
            database = RDS("PostgreSQL\n:5432")
    with Cluster("Regional services", graph_attr=GROUP):
        watch = Cloudwatch("Logs, alarms,\ndashboard")
        items = Dynamodb("Items")
        pool = Cognito("Sign-in")
        secret = SecretsManager("DATABASE_URL")
    with Cluster("Once per account (bootstrap)", graph_attr=GROUP):
        images = ECR("Images")
        state = S3("State, replica")
        locks = Dynamodb("Locks")
    terraform = Terraform("")

    users >> balancer
    balancer >> Edge(label="/*") >> frontend
    balancer >> Edge(label="/api/*") >> backend
    nat << Edge(style="dashed") << backend
    backend >> Edge(label="TLS") >> database
    database >> Edge(style="invis") >> items
    backend >> Edge(style="dotted") >> [watch, items, pool, secret]
    pipeline >> terraform >> Edge(minlen="2") >> [state, locks]
    pipeline >> images
