"""Terraform's state: where it is kept, who has locked it, its versions, and the stack that owns its bucket."""
