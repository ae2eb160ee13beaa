"""Studies: several fine-tunes that answer one question together, a learning curve or a search for parameters."""
