"""The import in three steps, and the browser of what is there."""
