"""Looking at what a message shows, with a model that has learned to.

A tuned model of pictures has a head on two things side by side: the encoder's vector of the text, and the features of
the picture (`core.embedded.pictures.features`; the mean, where an item has several).
"""

import asyncio
from dataclasses import replace

import numpy as np

from core.embedded.asked import Ask
from core.embedded.encoder import DIMENSIONS, Array
from core.embedded.errors import bad_request
from core.embedded.head import LinearHead
from core.embedded.heads.saved import Head
from core.embedded.heads.scale import RatingHead
from core.embedded.heads.several import SeveralHead
from core.embedded.pictures.features import FEATURES, seen
from core.embedded.senses import Senses

UNTRAINED = (
    "This model has not learned to see: train it on labelled pictures first (a fine-tune), or use a model that sees."
)
TEXT_ALONE = "This model was trained on text alone and cannot tell pictures apart: train one on labelled pictures."
WANTS_A_PICTURE = "This model was trained on pictures, and the last user message shows none."


def sees(head: Head | None) -> bool:
    """Whether what was learned is of pictures."""
    return isinstance(head, LinearHead | SeveralHead | RatingHead) and head.mean.size == DIMENSIONS + FEATURES


async def looking(ask: Ask, head: Head | None, senses: Senses) -> Senses:
    """Senses for a question with this model: of texts beside the pictures that it shows, where there are any.
    Raises the 400 ApiError where the model cannot make anything of them, or of their absence."""
    if not ask.pictures:
        if sees(head):
            raise bad_request(WANTS_A_PICTURE, "messages")
        return senses
    if not sees(head):
        raise bad_request(UNTRAINED if head is None else TEXT_ALONE, "messages")
    try:
        picture = await asyncio.to_thread(seen, ask.pictures)
    except ValueError as error:
        raise bad_request(f"{str(error)[0].upper()}{str(error)[1:]}.", "messages") from error

    async def embed(texts: list[str]) -> Array:
        return beside(await senses.embed(texts), picture)

    return replace(senses, embed=embed)


def beside(texts: Array, picture: Array) -> Array:
    """Shape (n, DIMENSIONS + FEATURES), of texts that all stand beside the same picture."""
    return np.concatenate([texts, np.tile(picture, (len(texts), 1))], axis=1)
