"""What is asked of an item, and changing it."""
