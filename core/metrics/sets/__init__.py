"""Agreement of two annotators who give sets of labels: build a `SetTable`, then `estimate_sets`, `with_or_without`."""
