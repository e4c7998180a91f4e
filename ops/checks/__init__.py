"""What is wrong before an apply and after it."""
