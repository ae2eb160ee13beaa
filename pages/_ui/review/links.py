"""Links into Review: the one place that knows how a queue is written into a URL."""

from collections.abc import Mapping, Sequence

from pages._ui.review.queues import ALL, HOLDING_TEST, MODELS_ON_TEST, OPEN, QUEUES, QueueKind, told


def review_parameters(
    *,
    queue: str | None = None,
    split: str | None = None,
    shown: Sequence[int] = (),
    reviewed_too: bool = False,
    uncertain_first: bool = False,
    seen: bool = False,
    **about: object,
) -> dict[str, str]:
    """The query parameters that open a queue on Review; everything is optional, annotators and labels are ids.

    - `who`, `label`: the items annotator `who` gave that label; with `also`, `also_label` a cell of a confusion matrix.
    - `outcome` (one of `Outcome`) with `ref`, `a`, `b`: the lists of a comparison.
    - `cell` with `ref`, `who`: an error cell; with `label`, `also_label` that of these labels.
    - `run`: the items of a run; with `only="errors"` those that failed or whose answer named no one label.
    - `who`, `below`: items on which model `who` was at most this confident (0 to 1).

    `queue` is one of QUEUES, for those that nothing of this tells: else it is all items. With `DISAGREEMENTS` they are
    those on which the annotators in `shown` differ.
    `split` is `train`, `validation`, `test`, `all`, or None for all but test. `seen`: what models say of its test items
    stands on the page already, and so may be shown there; else it is hidden until somebody asks for it.
    `shown` are the annotators seen side by side, where it has to be these: else Review shows the reference, the people
    and the newest models. Those the queue is about are shown in any case. Items the reviewer has labelled are left out
    of the kinds that leave them out, unless `reviewed_too`; the others are the same set of items whoever looks, so they
    show everything.
    """
    about = {name: value for name, value in about.items() if value is not None}
    queue = queue or told(about) or ALL
    kind = QUEUES[queue]
    given = {
        "queue": queue,
        "split": str(split) if split is not None else OPEN,
        **_spelled(kind, about),
        "order": "uncertain" if uncertain_first else "random",
        "pending": str(kind.leaves_out_reviewed and not reviewed_too).lower(),
    }
    # One annotator alone has nobody to differ from: what a model says would look undisputed.
    several = dict.fromkeys(shown)
    if given["split"] in HOLDING_TEST:
        given[MODELS_ON_TEST] = "1" if seen else "0"
    return given | ({"shown": ",".join(map(str, several))} if len(several) > 1 else {})


def seen_on_test(split: object, *whose: int) -> dict[str, object]:
    """For links from figures of these on test, or on all items: their answers are seen already, those of others are not
    shown beside them by the way."""
    return {"seen": True, "shown": whose} if split in (None, "test") else {}


def _spelled(kind: QueueKind, about: Mapping[str, object]) -> dict[str, str]:
    """The kind's own parameters, as far as given or usual. Raises TypeError for one it does not know."""
    spelled: dict[str, str] = {}
    for one in kind.picks:
        if one.key in about:
            spelled[one.key] = one.spell(about[one.key])
        elif one.usual is not None and (not one.after or one.after in about):
            spelled[one.key] = one.usual
    unknown = about.keys() - {one.key for one in kind.picks}
    if unknown:
        raise TypeError(f"a queue “{kind.title}” has no {', '.join(sorted(unknown))}")
    return spelled


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
