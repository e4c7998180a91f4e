"""The causes of the troubleshooting guide: a file a subject, a function a cause, and the table of all."""
