"""What can be known before an apply: one file a subject, one small function a check."""
