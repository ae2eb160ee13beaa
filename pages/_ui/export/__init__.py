"""What to take along, and a look at it beforehand."""
