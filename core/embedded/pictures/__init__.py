"""Pictures in messages: found, opened with care, and told in plain features."""
