"""From an image to a service that runs it."""
