"""Files of items and how their fields are shown."""
