"""A live run carried out: what to ask next, how much at once, what comes home, what is stored, and how it ends."""
