"""Review: who is right?"""

import streamlit as st

from core.model import Project
from core.workbench import Workbench
from pages._ui.review.cast import load_cast
from pages._ui.review.keeper import receive
from pages._ui.review.on_test import veil
from pages._ui.review.queue import queue_line
from pages._ui.review.sitting import load_batch, take_seat
from pages._ui.review.view import empty_queue, end_of_queue, needs_more, work
from pages._ui.shell.frame import missing, show_project


def review(wb: Workbench, project: Project) -> None:
    cast = load_cast(wb, project)
    if needs_more(cast):
        return
    queue = queue_line(wb, cast)
    if queue.looks_ahead:
        veil(queue.looks_ahead)
        return
    seat = take_seat(wb, project.id, queue)
    if not seat.ids:
        empty_queue(wb, cast, queue)
        return
    above = st.container()
    batch = load_batch(wb, cast, queue, seat)
    state = work(wb, cast, queue, seat, batch)
    if state.position >= len(batch.rows) and seat.at + len(batch.rows) >= len(seat.ids):
        with above:
            end_of_queue(wb, cast, queue, seat)


show_project("Review", review, first=lambda wb: receive(wb, missing()))
