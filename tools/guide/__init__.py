"""The parts of the documentation that are made of the code, and what the site needs to show the others."""
