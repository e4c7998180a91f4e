"""Runs on loopback what was applied to the embedded AWS, read back from its API: containers, load balancer, database.

Not simulated: autoscaling, IAM, security groups, CPU and memory limits, TLS at the load balancer, WebSockets.
"""
