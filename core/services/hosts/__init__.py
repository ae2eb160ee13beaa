"""Hosts connected, tested and priced; keys; the list of what can be asked."""
