"""The deployments: what is made once per account, and what is made per environment."""
