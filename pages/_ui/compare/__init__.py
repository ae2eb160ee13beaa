"""Two annotators on the same items, on screen."""
