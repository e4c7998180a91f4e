"""What every command needs and that knows nothing of Terraform or of state."""
