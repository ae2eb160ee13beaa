"""The kinds of questions, a module each: how one is read from a request, and answered with and without training."""
