"""Colours of annotators: each keeps one everywhere. Told apart by colour-blind people, legible on white and on dark."""

from core.model import AnnotatorKind

PEOPLE = ("#4C78A8", "#72A0C1", "#2F5D8A", "#8FB3D9")
MODELS = ("#E07B39", "#8E6BBF", "#2A9D8F", "#C2477F", "#B08900", "#5B8C3A", "#B55D60", "#6C7A89")


def annotator_color(kind: AnnotatorKind, already: int) -> str:
    """The colour of the next annotator of this kind; people are blues, models everything else."""
    colors = MODELS if kind is AnnotatorKind.MODEL else PEOPLE
    return colors[already % len(colors)]
