"""A run that goes as a batch or as a file: written, sent, waited for, collected, and nothing of it paid for twice."""
