"""What a tuned model takes along: its card, the zip of all it was made of and the way back, the kit to train it
elsewhere."""
