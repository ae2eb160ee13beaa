"""Agreement of two annotators who write texts: build `TextSums` for the figures."""
