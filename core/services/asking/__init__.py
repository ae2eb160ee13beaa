"""One question to a model: the frozen configuration, the request, the entry made of its answer, its cost."""
