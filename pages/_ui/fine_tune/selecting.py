"""Which of the labelled items are taught: what others say of them, flags, uploads, earlier tunes, balance."""

from core.model import FineTuneStatus, Project
from core.services.learning.vocabulary import BALANCES, DEFAULT_CAP, OPINIONS, Balance, Method, Opinion, Selection
from core.workbench import Workbench
from pages._ui.shell.fold import fold
from pages._ui.shell.pick import pick, pick_switch
from pages._ui.shell.pick_number import pick_number

ALL = "all"
OPINION, FLAGGED, UPLOAD, NEW_TO = "tune_opinion", "tune_unflagged", "tune_upload", "tune_new_to"
WHICH, BALANCE, CAP = "tune_which", "tune_balance", "tune_cap"
MOST_CAP = 100_000
_CHOICES = (OPINION, FLAGGED, UPLOAD, NEW_TO, BALANCE, CAP)


def choose_selection(wb: Workbench, project: Project, method: Method) -> Selection:
    """Folded until a link chooses some, since all of them is what one begins with; each choice is offered where there
    is something to choose."""
    with fold("Which of these items", key=WHICH, asked=_CHOICES, icon=":material/filter_list:"):
        opinion = pick(
            "Taught are items",
            {str(one): title for one, title in OPINIONS.items()},
            key=OPINION,
            help="What other people have said of an item. Where models are learned from, the second is what people "
            "have confirmed.",
        )
        without_flagged = pick_switch(
            "Leave out flagged items", key=FLAGGED, default=False, help="Those that a person has flagged in Review."
        )
        upload = _upload(wb, project)
        unknown_to = _unknown_to(wb, project)
        balance, cap = _balance(wb, project) if method is Method.SUPERVISED else (Balance.NONE, DEFAULT_CAP)
    return Selection(Opinion(opinion), without_flagged, upload, unknown_to, balance, cap)


def _upload(wb: Workbench, project: Project) -> int | None:
    names = wb.data.upload_names(project.id)
    if len(names) < 2:
        return None
    options = {ALL: "All uploads"} | {str(one): name for one, name in names.items()}
    chosen = pick("From", options, key=UPLOAD)
    return None if chosen == ALL else int(chosen)


def _unknown_to(wb: Workbench, project: Project) -> int | None:
    """Only what came since an earlier tune: to teach on from there."""
    tuned = [job for job in wb.fine_tunes.all(project.id) if job.status is FineTuneStatus.SUCCEEDED]
    if not tuned:
        return None
    options = {ALL: "Whatever was taught before"} | {
        str(job.id): f"Not taught by fine-tune {job.config['number']}" for job in tuned
    }
    chosen = pick("Of these", options, key=NEW_TO, help="To teach an earlier tune what has come since.")
    return None if chosen == ALL else int(chosen)


def _balance(wb: Workbench, project: Project) -> tuple[Balance, int]:
    if not wb.fine_tunes.can_balance(project.id):
        return Balance.NONE, DEFAULT_CAP
    chosen = Balance(
        pick(
            "Labels",
            {str(one): title for one, title in BALANCES.items()},
            key=BALANCE,
            help="Of the training lines alone. Repeated are examples of rare labels, each up to ten times.",
        )
    )
    if chosen is not Balance.CAP:
        return chosen, DEFAULT_CAP
    return chosen, pick_number("At most, of a label", key=CAP, most=MOST_CAP, default=DEFAULT_CAP)
