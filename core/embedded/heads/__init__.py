"""What is trained on the encoder's vectors, a module each; all are linear, and written as NumPy arrays."""
