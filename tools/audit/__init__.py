"""Auditors of others over every stack, applied to an embedded AWS; what they may find is in accepted.toml."""
