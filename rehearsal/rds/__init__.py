"""RDS on loopback."""
