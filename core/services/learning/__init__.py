"""Fine-tunes: the training set, the start, and the job carried out."""
