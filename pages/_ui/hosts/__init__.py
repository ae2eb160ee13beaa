"""Hosts and prices on screen; the host and model pickers that other rooms use; what is about to be retired."""
