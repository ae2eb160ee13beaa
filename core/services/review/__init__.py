"""Queues of items to review, and what a person decides."""
