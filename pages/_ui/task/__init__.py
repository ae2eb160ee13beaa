"""Labels, guidelines, and what may be done with them."""
