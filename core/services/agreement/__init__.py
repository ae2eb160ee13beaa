"""Agreement of several annotators, and two compared."""
