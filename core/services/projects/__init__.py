"""Projects and how far each has come."""
