"""What an apply that was killed left: objects that exist in the account without being in the state."""
