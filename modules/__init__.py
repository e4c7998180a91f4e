"""Constructs of the platform, one concept a file. They know AWS; they know nothing of settings or environments."""
