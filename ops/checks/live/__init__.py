"""Why the platform does not serve: what the AWS API says (facts/), what it means (causes/), what follows from what."""
