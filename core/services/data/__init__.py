"""Files and data sets brought in, split, browsed and counted."""
