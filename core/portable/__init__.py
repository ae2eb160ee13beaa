"""What a tuned model takes along: its model card, the zip of all it was made of, and a kit to train it elsewhere."""

from core.portable.card import ModelCard, Score, ScoreRow, TaughtFile, card_markdown
from core.portable.licences import UNKNOWN, Licence, licence_of

__all__ = [
    "UNKNOWN",
    "Licence",
    "ModelCard",
    "Score",
    "ScoreRow",
    "TaughtFile",
    "card_markdown",
    "licence_of",
]
