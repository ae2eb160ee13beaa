"""POST /v1/embeddings: the encoder's vectors, as numbers or as base64 of little-endian float32."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from core.embedded.batcher import Batcher
from core.embedded.chat import BASE_MODEL
from core.embedded.errors import bad_request, unknown_model

MAX_INPUTS = 2048


async def embeddings(
    body: Mapping[str, Any], batcher: Batcher, count: Callable[[list[str]], list[int]]
) -> dict[str, Any]:
    """The answer for a request's JSON. Raises ApiError: 400 with `param`, 404 for another model, 429."""
    model = body.get("model")
    if model != BASE_MODEL:
        raise (
            unknown_model(str(model))
            if isinstance(model, str)
            else bad_request("model must be the name of a model.", "model")
        )
    texts = _inputs(body.get("input"))
    if body.get("dimensions") is not None:
        raise bad_request("This model's vectors have 384 dimensions; leave out `dimensions`.", "dimensions")
    kind = body.get("encoding_format") or "float"
    if kind not in ("float", "base64"):
        raise bad_request("encoding_format must be float or base64.", "encoding_format")
    vectors = await batcher.embed(texts)
    written = [
        base64.b64encode(v.astype("<f4").tobytes()).decode() if kind == "base64" else v.tolist() for v in vectors
    ]
    tokens = sum(count(texts))
    return {
        "object": "list",
        "model": model,
        "data": [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(written)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _inputs(given: object) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= MAX_INPUTS or not all(isinstance(t, str) for t in texts):
        raise bad_request(f"input must be text or a list of 1 to {MAX_INPUTS} texts.", "input")
    if not all(texts):
        raise bad_request("input must not contain an empty text.", "input")
    return texts
