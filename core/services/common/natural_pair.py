"""Which two are compared where nobody chose any."""

from collections.abc import Mapping, Sequence

from core.model import Annotator, Split


def natural_pair(models: Sequence[Annotator], splits: Mapping[int, frozenset[Split]]) -> tuple[int | None, int | None]:
    """`(A, B)` of models, oldest first, by the splits each has labelled in.

    The newest tuned model against its base with the same prompt, else the two newest. Those without a split in common
    are a pair only where there is no other.
    """
    tuned = next((m for m in reversed(models) if m.fine_tune_id is not None), None)
    bases = [m for m in models if m.fine_tune_id is None]
    if tuned is not None and bases:
        common = splits[tuned.id]
        by_kinship = sorted(
            bases, key=lambda m: (bool(splits[m.id] & common), m.prompt_version_id == tuned.prompt_version_id)
        )
        return by_kinship[-1].id, tuned.id
    pairs = [(a.id, b.id) for after, b in enumerate(models) for a in models[:after]]
    meeting = [(a, b) for a, b in pairs if splits[a] & splits[b]]
    if pairs:
        return (meeting or pairs)[-1]
    return None, models[0].id if models else None
