"""What the project does to itself; nothing of the platform reads it."""
