"""A new run, the runs, and one run opened: progress, figures, troubles, batches, grids."""
