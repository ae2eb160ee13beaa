"""Runs planned, foretold, started, capped and laid side by side; carried out in labelling and batching."""
