"""What to learn from, the check, the start, and the jobs."""
