"""MiniLM-L6 in NumPy: texts in, unit vectors of 384 numbers out.

The architecture is BERT (Devlin et al. 2019) with 6 layers and 12 heads, mean pooling over the real tokens and L2
normalisation, as `sentence-transformers/all-MiniLM-L6-v2` states it; only the first 256 tokens of a text are read.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Array = NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 256
LAYERS = 6
HEADS = 12
EPSILON = 1e-12
BATCH_TOKENS = 1024

# Phi(x) = (1 + tanh(x P(x^2))) / 2: P is a minimax fit of atanh(erf(x / sqrt 2)) / x, highest power first. GELU then
# differs from the exact one by less than 1e-6 everywhere (the usual tanh formula by 5e-4), and NumPy's tanh is fast.
GELU_HIGH = (-5.7109560557890156e-08, 2.812492417954602e-06, -4.739822413132765e-05)
GELU_LOW = (-5.73551564408508e-05, 0.0363649164875257, 0.7978729314039582)
GELU_LIMIT = 5.6**2
GELU_ROWS = 48  # rows of 1,536 floats that stay in the processor's second-level cache


WINDOW = MAX_TOKENS - 2  # word pieces of a window, without the two special tokens
EDGE = 64  # pieces at the edge of a window that another window knows better


@dataclass(frozen=True)
class Pieces:
    """`places` (n, 2) are half-open ranges of code points of the text, `vectors` (n, 384)."""

    places: NDArray[np.intp]
    vectors: Array


class Encoder:
    """Thread-safe. Batches run side by side on `threads` threads (default: one a core), each with its own BLAS call."""

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        weights = load_file(folder / "model.safetensors")
        self._weights = {name.removeprefix("bert."): np.asarray(w, dtype=np.float32) for name, w in weights.items()}
        self._layers = [self._layer(number) for number in range(LAYERS)]
        self._counter = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._counter.no_truncation()
        self._counter.no_padding()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")

    def encode(self, texts: list[str]) -> Array:
        """Unit vectors of shape (len(texts), 384), in the order given; an empty text has a vector like any other."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        if texts:
            ids = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
            # A small request is shared out too: one batch would leave the other cores idle.
            total = sum(len(row) for row in ids)
            batches = _batches([len(row) for row in ids], min(BATCH_TOKENS, -(-total // self._threads)))
            encoded = self._pool.map(lambda batch: self._forward([ids[i] for i in batch]), batches)
            for batch, rows in zip(batches, encoded, strict=True):
                vectors[batch] = rows
        return vectors

    def pieces(self, texts: list[str]) -> list[Pieces]:
        """The word pieces of each text, all of it: a long one is read in windows that overlap, and each piece is taken
        from where it has most around it."""
        encodings = self._counter.encode_batch(texts, add_special_tokens=False)
        windows = [
            (number, start, encoding.ids[start : start + WINDOW])
            for number, encoding in enumerate(encodings)
            for start in range(0, max(1, len(encoding.ids) - 2 * EDGE), WINDOW - 2 * EDGE)
        ]
        found = [
            Pieces(
                np.array(encoding.offsets, dtype=np.intp).reshape(-1, 2),
                np.empty((len(encoding.ids), DIMENSIONS), np.float32),
            )
            for encoding in encodings
        ]
        batches = _batches([len(ids) + 2 for _, _, ids in windows], BATCH_TOKENS)
        first, last = (self._tokenizer.encode("").ids[place] for place in (0, -1))
        states = self._pool.map(lambda batch: self._states([[first, *windows[i][2], last] for i in batch])[0], batches)
        for batch, rows in zip(batches, states, strict=True):
            for i, row in zip(batch, rows, strict=True):
                number, start, ids = windows[i]
                skipped = EDGE if start else 0
                # What a later window knows better, it overwrites: windows of a text differ in length only at its end.
                found[number].vectors[start + skipped : start + len(ids)] = row[1 + skipped : 1 + len(ids)]
        return found

    def count_tokens(self, texts: list[str]) -> list[int]:
        """Word pieces of each text in full, without the two special tokens."""
        encodings = self._counter.encode_batch(texts, add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    def _layer(self, number: int) -> dict[str, Array]:
        """One layer's matrices, transposed for row vectors; query, key and value joined, queries already scaled."""
        head, take = f"encoder.layer.{number}.", self._weights
        parts = [f"{head}attention.self.{part}." for part in ("query", "key", "value")]
        scales = (np.float32(1 / np.sqrt(DIMENSIONS / HEADS)), np.float32(1), np.float32(1))
        joined = np.concatenate([take[f"{p}weight"] * s for p, s in zip(parts, scales, strict=True)])
        names = {
            "out": "attention.output.dense",
            "norm1": "attention.output.LayerNorm",
            "up": "intermediate.dense",
            "down": "output.dense",
            "norm2": "output.LayerNorm",
        }
        layer = {f"{key}_{kind}": take[f"{head}{n}.{kind}"] for key, n in names.items() for kind in ("weight", "bias")}
        for key in ("out", "up", "down"):
            layer[f"{key}_weight"] = np.ascontiguousarray(layer[f"{key}_weight"].T)
        layer["qkv_weight"] = np.ascontiguousarray(joined.T)
        layer["qkv_bias"] = np.concatenate([take[f"{p}bias"] * s for p, s in zip(parts, scales, strict=True)])
        return layer

    def _forward(self, rows: list[list[int]]) -> Array:
        """Vectors of one batch."""
        x, mask, lengths = self._states(rows)
        pooled = np.einsum("btd,bt->bd", x, mask.astype(np.float32)) / lengths[:, None].astype(np.float32)
        return np.asarray(pooled / np.linalg.norm(pooled, axis=1, keepdims=True), dtype=np.float32)

    def _states(self, rows: list[list[int]]) -> tuple[Array, NDArray[np.bool_], NDArray[np.intp]]:
        """A vector a token of one batch, which are tokens, and how many; shorter rows are padded and masked."""
        lengths = np.array([len(row) for row in rows])
        mask = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(mask.shape, dtype=np.int64)
        ids[mask] = np.concatenate([np.asarray(row) for row in rows])
        x = self._embed(ids)
        bias = np.where(mask, 0, -1e9).astype(np.float32)[:, None, None, :]
        for layer in self._layers:
            x = _block(x, bias, layer)
        return x, mask, lengths

    def _embed(self, ids: NDArray[np.int64]) -> Array:
        table = "embeddings.{}_embeddings.weight"
        w = self._weights
        x = w[table.format("word")][ids] + w[table.format("position")][: ids.shape[1]]
        x += w[table.format("token_type")][0]
        return _normalise(x, w["embeddings.LayerNorm.weight"], w["embeddings.LayerNorm.bias"])


def _batches(lengths: list[int], tokens: int) -> list[list[int]]:
    """Indices grouped by similar length, longest first; each holds one text or up to `tokens` padded tokens."""
    batches: list[list[int]] = []
    width = 0
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if not batches or width * (len(batches[-1]) + 1) > tokens:
            batches.append([])
            width = lengths[index]
        batches[-1].append(index)
    return batches


def _block(x: Array, bias: Array, w: dict[str, Array]) -> Array:
    """One transformer layer on x of shape (batch, tokens, 384)."""
    batch, tokens, _ = x.shape
    qkv = (x.reshape(-1, DIMENSIONS) @ w["qkv_weight"] + w["qkv_bias"]).reshape(batch, tokens, 3, HEADS, -1)
    q, k, v = qkv.transpose(2, 0, 3, 1, 4)
    scores = q @ k.swapaxes(-1, -2)
    scores += bias
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    mixed = (scores @ v).transpose(0, 2, 1, 3).reshape(-1, DIMENSIONS)
    x = _normalise(
        x.reshape(-1, DIMENSIONS) + mixed @ w["out_weight"] + w["out_bias"], w["norm1_weight"], w["norm1_bias"]
    )
    hidden = x @ w["up_weight"]
    hidden += w["up_bias"]
    x = _normalise(x + gelu(hidden) @ w["down_weight"] + w["down_bias"], w["norm2_weight"], w["norm2_bias"])
    return x.reshape(batch, tokens, DIMENSIONS)


def gelu(x: Array) -> Array:
    """x times the normal distribution function of x, in place, for a 2-D array; see GELU_HIGH for its accuracy."""
    for start in range(0, len(x), GELU_ROWS):
        part = x[start : start + GELU_ROWS]
        square = np.minimum(part * part, np.float32(GELU_LIMIT))
        inner = np.full_like(part, GELU_HIGH[0])
        for coefficient in (*GELU_HIGH[1:], *GELU_LOW):
            inner *= square
            inner += np.float32(coefficient)
        inner *= part
        np.tanh(inner, out=inner)
        inner += np.float32(1)
        inner *= np.float32(0.5)
        part *= inner
    return x


def _normalise(x: Array, weight: Array, bias: Array) -> Array:
    """Layer normalisation over the last axis."""
    x -= x.mean(axis=-1, keepdims=True)
    variance = np.einsum("...d,...d->...", x, x)[..., None] / DIMENSIONS
    x /= np.sqrt(variance + np.float32(EPSILON))
    x *= weight
    x += bias
    return x
