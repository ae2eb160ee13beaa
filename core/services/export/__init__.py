"""Annotations, training data, task and reports taken along."""
