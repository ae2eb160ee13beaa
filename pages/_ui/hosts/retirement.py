"""A model that is going to end, said in one line wherever something depends on it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import streamlit as st

from core.errors import WorkbenchError
from core.model import FineTune, Host, Project, PromptVersion
from core.services.hosts.vocabulary import WARN_WITHIN_DAYS, Retirement, TrainingEnd
from core.workbench import Workbench
from pages._ui.words.text import count, plain


def warn_retirement(wb: Workbench, host_key: str, model: str) -> None:
    """Amber where the model ends within 180 days, red where it has ended, a caption where it ends later."""
    _show(_ending(wb, [(host_key, model)]))


def warn_of_prompt(wb: Workbench, project: Project, version: PromptVersion) -> None:
    """The same for every model that labels with this version."""
    asked = [one for one in wb.projects.annotators(project.id) if one.prompt_version_id == version.id]
    _show(_ending(wb, [(one.host, one.model) for one in asked if one.host and one.model]))


def warn_of_tuned(wb: Workbench, job: FineTune) -> None:
    """The same for a tuned model, which ends with the model it was made from."""
    if name := job.fine_tuned_model:
        found = _ending(wb, [(job.host, name)]) or _ending(wb, [(job.host, job.base_model)])
        _show([replace(end, model=name) for end in found])


def warn_training_end(wb: Workbench, host: Host) -> None:
    """A host that stops to take fine-tunes."""
    end = wb.retirements.training_end(host)
    if end is not None:
        days = (end.day - date.today()).days
        show = st.error if days <= 0 else st.warning if days <= WARN_WITHIN_DAYS else st.caption
        show(plain(training_end_in_words(host.title, end, days)))
        if days > 0:
            st.caption(plain(end.closed_to))


def training_end_in_words(title: str, end: TrainingEnd, days: int) -> str:
    """The sentence, `days` before the end."""
    if days <= 0:
        return f"{title} has accepted no fine-tunes since {_spoken(end.day)}. Choose another host."
    return f"{title} will accept no fine-tunes from {_spoken(end.day)}, in {count(days, 'day')}."


def retirement_in_words(found: Retirement, today: date) -> str:
    """The sentence, as it reads on that day."""
    days, successor = found.days_left(today), ""
    if found.successor:
        cannot = ", which cannot be fine-tuned" if found.model.startswith("ft:") else ""
        successor = f" Named successor: {found.successor}{cannot}."
    if days <= 0:
        return f"{found.model} ended on {_spoken(found.day)}: only another model can label more.{successor}"
    return (
        f"{found.model} ends on {_spoken(found.day)}, in {count(days, 'day')} ({found.source}): "
        f"after that another model must label.{successor}"
    )


def _ending(wb: Workbench, models: Iterable[tuple[str, str]]) -> list[Retirement]:
    """Those of which an end is known, the next one first."""
    found = []
    for host_key, model in dict.fromkeys(models):
        try:
            end = wb.retirements.of(wb.hosts.get(host_key), model)
        except WorkbenchError:  # the host was removed from the list: nothing can be asked of it anyway
            continue
        if end is not None:
            found.append(end)
    return sorted(found, key=lambda end: end.day)


def _show(ending: Iterable[Retirement]) -> None:
    today = date.today()
    for found in ending:
        words = plain(retirement_in_words(found, today))
        days = found.days_left(today)
        if days <= 0:
            st.error(words, icon=":material/event_busy:")
        elif days <= WARN_WITHIN_DAYS:
            st.warning(words, icon=":material/event_upcoming:")
        else:
            st.caption(words)


def _spoken(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
