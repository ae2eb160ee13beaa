"""Agreement on screen: figures, matrix, labels."""
