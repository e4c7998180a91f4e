"""ECS on loopback: services, tasks and containers."""
