"""What browsers bring of a reviewer's acts is stored, and what cannot be is said: before anything else of the page."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core.errors import WorkbenchError
from core.services.review.reviewing import Decision, Refused, Waits
from core.workbench import Workbench
from pages._ui.review import component as review_component
from pages._ui.review.acts import Act, Told
from pages._ui.review.seat import Place, place
from pages._ui.shell.errors import held, show_held
from pages._ui.words.text import count, plain

_LAID = "review_laid"


def receive(wb: Workbench, gone: str | None) -> None:
    """Store what browsers bring, and say what could not be: before anything else of the page is looked at.

    `gone` is the project asked for, where it is not there.
    """
    trouble = held()
    laid: set[int] = st.session_state.setdefault(_LAID, set())
    wanted = set(laid)
    keeper = Keeper(wb, place(), trouble, laid)
    if unread := review_component.receive(review_component.LINE, wb.review.workbench_name(), keeper, gone):
        trouble.append(_unread(unread))
    waiting = {one.project_id for one in trouble if isinstance(one, Waits)}
    show_held()
    for project_id in wanted - laid:
        st.toast(f"Stored with the removed project {plain(wb.projects.get(project_id).name)}.")
    for project_id in sorted(waiting):
        _offer_to_lay_them_there(wb, project_id)


def _offer_to_lay_them_there(wb: Workbench, project_id: int) -> None:
    """Nobody may ever restore it: then what waits need not be said for good."""
    st.button(
        f"Store with the removed project {plain(wb.projects.get(project_id).name)}",
        icon=":material/inventory_2:",
        help="They leave this browser, and are there if the project is ever restored.",
        key=f"review_lay_{project_id}",
        on_click=st.session_state[_LAID].add,
        args=(project_id,),
    )


def _unread(number: int) -> Refused:
    which = "A decision of another version of this page" if number == 1 else f"{number:,} decisions of another version"
    return Refused(
        f"{which} cannot be read, so {'it was' if number == 1 else 'they were'} not stored.",
        "Kept aside in this browser; all others are stored. Look through your last items.",
        (),
    )


class Keeper:
    """Stores what a browser brings, each act for its own project and reviewer, whoever reviews now.

    Calls nothing of Streamlit. `place` is the session's, `trouble` what has to be said, `laid` the removed projects
    with which what waits for them is to be stored; each counts once.
    """

    def __init__(
        self, wb: Workbench, place: Place, trouble: list[WorkbenchError], laid: set[int] | None = None
    ) -> None:
        self._wb, self._place, self._trouble = wb, place, trouble
        self._laid = set() if laid is None else laid

    def __call__(self, acts: Sequence[Act], told: Told) -> None:
        # What waits comes again, all of it, and may be stored by now: what was said of it counts no more.
        self._trouble[:] = [one for one in self._trouble if isinstance(one, Refused)]
        waiting: set[str] = set()
        stored, unstored = set[int](), set[int]()
        for (log, project_id, reviewer), group in groupby(acts, lambda act: (act.log, act.project_id, act.reviewer)):
            # A later one stored before would make those that wait look stored.
            is_stored = log not in waiting and self._store(log, project_id, reviewer, list(group), told)
            (stored if is_stored else unstored).add(project_id)
            if not is_stored:
                waiting.add(log)
        self._laid -= stored - unstored

    def _store(self, log: str, project_id: int, reviewer: str, acts: Sequence[Act], told: Told) -> bool:
        try:
            store = self._wb.review.store_with_removed if project_id in self._laid else self._wb.review.store
            number = store(project_id, log, reviewer, [_decision(act) for act in acts])
        except Refused as refused:
            told.refused.extend((log, act.n) for act in acts if act.n in refused.seqs)
            self._trouble.append(refused)
            number = len(acts)
        except Waits as error:
            self._trouble.append(error)
            return False
        except WorkbenchError as error:
            self._trouble += error, _not_stored_yet(len(acts))
            return False
        told.up_to[log] = max(told.up_to.get(log, 0), acts[-1].n)
        if number:
            self._place.hear([act.turn for act in acts])
        return True


def _not_stored_yet(decisions: int) -> WorkbenchError:
    are = "is" if decisions == 1 else "are"
    return WorkbenchError(
        f"{count(decisions, 'decision')} {are} not stored yet.",
        "Until then this browser keeps your decisions, and it sends them by itself.",
    )


def _decision(act: Act) -> Decision:
    return Decision(
        act.n,
        act.item_id,
        act.label,
        act.note,
        act.flagged,
        act.seconds or None,
        act.blind,
        act.takes_back,
        act.label_id,
        act.value,
        act.shown,
    )
