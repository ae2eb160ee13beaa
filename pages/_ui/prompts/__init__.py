"""Writing a prompt, its versions, and a trial on a few items."""
