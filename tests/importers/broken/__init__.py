"""Files of every format, whole and broken in many ways."""
