"""What the AWS API says of an environment, asked once and only when a cause wants to know."""
