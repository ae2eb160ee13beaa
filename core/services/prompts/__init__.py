"""Prompt versions, and trying them."""
