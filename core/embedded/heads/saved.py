"""Heads as files: each array under its own name, and which kind of head it is. One for one label says no kind."""

from collections.abc import Mapping
from dataclasses import fields
from typing import IO, Any

import numpy as np

from core.embedded.head import LinearHead
from core.embedded.heads.scale import PreferenceHead, RankingHead, RatingHead
from core.embedded.heads.several import SeveralHead
from core.embedded.heads.spans import SpansHead

Head = LinearHead | SeveralHead | SpansHead | RatingHead | PreferenceHead | RankingHead
HEADS: Mapping[str, type[Any]] = {
    head.kind: head for head in (SeveralHead, SpansHead, RatingHead, PreferenceHead, RankingHead)
}


def write_head(head: Head, file: IO[bytes]) -> None:
    if isinstance(head, LinearHead):
        head.write(file)
    else:
        arrays: dict[str, Any] = {field.name: np.asarray(getattr(head, field.name)) for field in fields(head)}
        np.savez(file, kind=np.array(head.kind), **arrays)


def read_head(file: IO[bytes]) -> Head:
    with np.load(file, allow_pickle=False) as saved:
        if "kind" not in saved:
            file.seek(0)
            return LinearHead.read(file)
        made = HEADS[str(saved["kind"])]
        arrays = {field.name: saved[field.name] for field in fields(made)}
    texts = {name: tuple(map(str, arrays[name])) for name in arrays if name in ("labels", "levels", "others")}
    head: Head = made(**(arrays | texts))
    return head
