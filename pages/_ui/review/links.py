"""Links into Review: the one place that knows how a queue is written into a URL."""

from collections.abc import Sequence

ALL, DISAGREEMENTS, LABELLED, UNSURE, RUN, FLAGGED, COMPARISON = (
    "all",
    "disagreements",
    "labelled",
    "unsure",
    "run",
    "flagged",
    "comparison",
)


def review_parameters(
    *,
    split: str | None = None,
    who: int | None = None,
    label: int | None = None,
    also: int | None = None,
    also_label: int | None = None,
    outcome: str | None = None,
    ref: int | None = None,
    a: int | None = None,
    b: int | None = None,
    run: int | None = None,
    only: str | None = None,
    below: float | None = None,
    flagged: bool = False,
    disagreements: bool = False,
    shown: Sequence[int] = (),
    reviewed_too: bool = False,
    uncertain_first: bool = False,
) -> dict[str, str]:
    """The query parameters that open a queue on Review; everything is optional, annotators and labels are ids.

    - `who`, `label`: the items annotator `who` gave that label; with `also`, `also_label` a cell of a confusion matrix.
    - `outcome` (`fixed`, `broken`, `still_wrong` or `both_right`) with `ref`, `a`, `b`: the lists of a comparison.
    - `run`: the items of a run; with `only="errors"` those that failed or whose answer named no one label.
    - `who`, `below`: items on which model `who` was at most this confident (0 to 1).
    - `flagged`: the reviewer's flagged items. `disagreements`: items on which the annotators in `shown` differ.

    `split` is `train`, `validation`, `test` or None for all. `shown` are the annotators seen side by side, where it has
    to be these: else Review shows the reference, the people and the newest models. Those the queue is about are shown
    in any case. Items the reviewer has labelled are left out of the queues `all` and
    `disagreements`, unless `reviewed_too`; the others are the same set of items whoever looks, so they show everything.
    """
    if outcome is not None:
        queue = COMPARISON
    elif run is not None:
        queue = RUN
    elif who is not None and below is not None:
        queue = UNSURE
    elif who is not None:
        queue = LABELLED
    elif flagged:
        queue = FLAGGED
    else:
        queue = DISAGREEMENTS if disagreements else ALL
    pending = queue in (ALL, DISAGREEMENTS, UNSURE) and not reviewed_too
    given = {
        "queue": queue,
        "split": str(split) if split is not None else "all",
        "who": who,
        "label": "any" if who is not None and label is None else label,
        "also": "any" if queue == LABELLED and also is None else also,
        "also_label": "any" if also is not None and also_label is None else also_label,
        "below": None if below is None else f"{below:.2f}",
        "outcome": outcome,
        "ref": ref,
        "a": a,
        "b": b,
        "run": run,
        "only": (only or "all") if run is not None else None,
        "order": "uncertain" if uncertain_first else "random",
        "pending": str(pending).lower(),
    }
    # One annotator alone has nobody to differ from: what a model says would look undisputed.
    these = ",".join(str(one) for one in dict.fromkeys(shown)) if len(set(shown)) > 1 else None
    return {name: str(value) for name, value in {**given, "shown": these}.items() if value is not None}


def review_link(text: str, *, icon: str | None = ":material/keyboard:", **queue: object) -> None:
    """A link to a queue on Review. `text` is Markdown: escape names with `plain`. See `review_parameters` for the rest.

    >>> review_link("14 items", split="validation", who=1, label=7, also=4, also_label=2)  # doctest: +SKIP
    """
    from pages._ui.shell.frame import link  # here, since the shell can be imported by a running script only

    link("review", text, icon=icon, **review_parameters(**queue))  # type: ignore[arg-type]


def go_review(**queue: object) -> None:
    """Switch to a queue on Review at once: for a click on a chart."""
    from pages._ui.shell.frame import go

    go("review", **review_parameters(**queue))  # type: ignore[arg-type]
