"""Unsaved work, kept so that leaving the page, a reload or a crash does not take it."""
