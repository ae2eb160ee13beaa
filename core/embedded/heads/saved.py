"""Heads as files: each array under its own name, and which kind of head it is. One for one label says no kind.

Of a head of several questions each part is such a file within the file.
"""

from collections.abc import Mapping
from dataclasses import fields
from io import BytesIO
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from core.embedded.head import LinearHead
from core.embedded.heads.joint import JointHead
from core.embedded.heads.scale import PreferenceHead, RankingHead, RatingHead
from core.embedded.heads.several import SeveralHead
from core.embedded.heads.spans import SpansHead

Head = LinearHead | SeveralHead | SpansHead | RatingHead | PreferenceHead | RankingHead | JointHead
HEADS: Mapping[str, type[Any]] = {
    head.kind: head for head in (SeveralHead, SpansHead, RatingHead, PreferenceHead, RankingHead)
}


def write_head(head: Head, file: IO[bytes]) -> None:
    if isinstance(head, LinearHead):
        head.write(file)
    elif isinstance(head, JointHead):
        parts: dict[str, Any] = {f"part_{place}": _as_bytes(part) for place, part in enumerate(head.parts.values())}
        np.savez(file, kind=np.array(head.kind), names=np.array(list(head.parts)), **parts)
    else:
        arrays: dict[str, Any] = {field.name: np.asarray(getattr(head, field.name)) for field in fields(head)}
        np.savez(file, kind=np.array(head.kind), **arrays)


def read_head(file: IO[bytes]) -> Head:
    with np.load(file, allow_pickle=False) as saved:
        if "kind" not in saved:
            file.seek(0)
            return LinearHead.read(file)
        if str(saved["kind"]) == JointHead.kind:
            names = enumerate(map(str, saved["names"]))
            return JointHead({name: read_head(BytesIO(saved[f"part_{place}"].tobytes())) for place, name in names})
        made = HEADS[str(saved["kind"])]
        arrays = {field.name: saved[field.name] for field in fields(made)}
    texts = {name: tuple(map(str, arrays[name])) for name in arrays if name in ("labels", "levels", "others")}
    head: Head = made(**(arrays | texts))
    return head


def _as_bytes(head: Head) -> NDArray[np.uint8]:
    file = BytesIO()
    write_head(head, file)
    return np.frombuffer(file.getvalue(), dtype=np.uint8)
