"""The commands around a deployment, run as `python -m ops <command>`."""
