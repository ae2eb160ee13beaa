"""Agreement of two annotators who give sets of labels: build a `SetTable`, then `SetSums` of it for the figures."""
