"""The projects and their cards."""
