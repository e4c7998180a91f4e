"""Containers on Fargate: a cluster, the tasks it runs, the services that keep them running."""
