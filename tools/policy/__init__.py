"""Checkov over every stack, as JSON and as a plan; what may fail is in skips.toml, each with its reason."""
