"""What a request for an answer asks: model, messages, the form of the answer, and how answers are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.embedded.errors import bad_request
from core.embedded.formats import Format
from core.embedded.params import boolean, integer, number
from core.embedded.pictures.parts import pictures_asked_about
from core.embedded.reading import plain_messages
from core.embedded.shapes import Shape, read_shape


@dataclass(frozen=True)
class Options:
    """The parameters of a request that shape its answers."""

    n: int
    temperature: float
    seed: int | None
    logprobs: bool
    top_logprobs: int

    @property
    def generator(self) -> np.random.Generator:
        return np.random.default_rng(None if self.seed is None else self.seed % 2**63)


@dataclass(frozen=True)
class Ask:
    model: str
    messages: list[dict[str, str]]
    shape: Shape
    options: Options
    pictures: tuple[str, ...] = ()
    """Those that the last user message shows, each where it is to be had."""

    @property
    def is_plain(self) -> bool:
        """Whether no form is asked for: then the instructions alone say what the answer is."""
        return isinstance(self.shape, Format) and self.shape.property is None and not self.shape.bare


def parse(body: Mapping[str, Any]) -> Ask:
    """What the request's JSON asks. Raises the 400 ApiError for the first thing wrong."""
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise bad_request("model must be the name of a model.", "model")
    if body.get("stream"):
        raise bad_request("This host does not support streaming; leave out `stream`.", "stream")
    for name in ("tools", "functions"):
        if body.get(name):
            raise bad_request(f"This host does not support tools; leave out `{name}`.", name)
    try:
        messages = plain_messages(body.get("messages"))
    except ValueError as error:
        where, _, what = str(error).partition(": ")
        raise bad_request(f"{where} {what}.", where) from error
    if not any(m["role"] == "user" for m in messages):
        raise bad_request("messages must include a user message: it is the text to classify.", "messages")
    pictures = pictures_asked_about(body["messages"])
    return Ask(model, messages, read_shape(body.get("response_format")), _options(body), pictures)


def _options(body: Mapping[str, Any]) -> Options:
    n = integer(body, "n", 1, 128, 1)
    temperature = number(body, "temperature", 0, 2, 0.0 if n == 1 else 1.0)
    seed = integer(body, "seed", -(2**63), 2**63 - 1, None)
    logprobs = boolean(body, "logprobs")
    top = integer(body, "top_logprobs", 0, 20, 0)
    if body.get("top_logprobs") is not None and not logprobs:
        raise bad_request("top_logprobs needs logprobs to be true.", "top_logprobs")
    return Options(n or 1, temperature, seed, logprobs, top or 0)
