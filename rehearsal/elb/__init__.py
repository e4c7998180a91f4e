"""Elastic Load Balancing on loopback."""
