"""Settings turned into the keyword arguments of each module."""
