"""Stock Terraform: running it, what its plans say, and the stacks that it is run in."""
