"""Vectors of texts from a host that gives them, through the `openai` SDK."""

from collections.abc import Sequence

import numpy as np

from core.errors import WorkbenchError
from core.hosts.addresses import Connection
from core.hosts.control import sdk_client
from core.hosts.explaining import Explaining
from core.hosts.secrecy import Hider


class Embedder:
    """Asks one model of one host; close it in the end."""

    def __init__(self, connection: Connection, model: str, *, timeout: float = 60.0) -> None:
        self._client = sdk_client(connection, timeout=timeout, max_retries=2)
        self._explained, self._model = Explaining(Hider(*connection.secrets).text), model

    def close(self) -> None:
        self._client.close()

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Of length 1, one a text, (n, D). Raises `WorkbenchError` where the host gives none."""
        with self._explained("ask for the vectors of texts"):
            answer = self._client.embeddings.create(model=self._model, input=list(texts), encoding_format="float")
        found = np.array([one.embedding for one in sorted(answer.data, key=lambda one: one.index)], dtype=np.float64)
        if found.ndim != 2 or len(found) != len(texts) or not np.isfinite(found).all():
            raise WorkbenchError("The host's answer does not hold a vector for each text.", "Try again.")
        return np.asarray(found / np.maximum(1e-12, np.linalg.norm(found, axis=1, keepdims=True)))
