"""The verbs of a fine-tune, the same for every dialect, and what hosts answer them in our words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from core.errors import WorkbenchError
from core.finetune.dialects.deployments import Deployed, Wanted
from core.finetune.dialects.dialect import Dialect
from core.finetune.dialects.wire import Fields, Wire, is_gone
from core.finetune.orders import Order, Sought, is_about_a_value, refused_field
from core.host_refusals import NotYet, Unanswered
from core.host_words import End, end_of, goes_on, unsure
from core.model import FineTuneStatus
from core.text import clean

_STATUS = {
    End.BADLY: FineTuneStatus.FAILED,
    End.CANCELLED: FineTuneStatus.CANCELLED,
}
_NO_PAIRS = "This host does not fine-tune on preference pairs (DPO)."
_NO_PAIRS_HINT = "Choose another host, or teach it examples."


@dataclass(frozen=True)
class JobState:
    """One look at a job. `events` are ready for storage, metric events carry their numbers in `data`; `raw` is what the
    host said of the job itself."""

    status: FineTuneStatus
    host_status: str
    fine_tuned_model: str | None
    message: str
    events: tuple[Mapping[str, Any], ...] = field(default_factory=tuple)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What a host says of a job, wherever it says it: its own word, an error or "", a model, and whether it names a
    time at which the job ended."""

    word: str
    error: str = ""
    model: str | None = None
    is_ended: bool = False


@dataclass(frozen=True)
class Estimate:
    """What the host would take for an order, in dollars, and whether the account may spend that."""

    dollars: float
    is_allowed: bool = True


class Jobs:
    """The verbs on one connection; a dialect adds what they are called there. Every trouble with the host is a
    `WorkbenchError`; any of them raises `NotYet` where the host wants to be asked later.

    `named_at_creation` is the model that the host named when it made the job: some name it before they begin.
    """

    path = ""
    """Where jobs are created and listed."""
    needed: frozenset[str] = frozenset()
    """Names in a request without which something else would be trained."""
    names_method = ""
    """The name in a request by which the method is chosen."""

    def __init__(self, wire: Wire, dialect: Dialect) -> None:
        self._wire, self._dialect = wire, dialect
        self.named_at_creation: str | None = None

    def upload(self, name: str, content: BinaryIO) -> str:
        """The host's id of the uploaded training file, which is read piece by piece."""
        raise NotImplementedError

    def request(self, order: Order, left_out: set[str]) -> dict[str, Any]:
        """What is sent to create a job."""
        raise NotImplementedError

    def find(self, sought: Sought) -> str | None:
        """The id of a job that was created without its id being written down, among all there are."""
        raise NotImplementedError

    def look(self, job_id: str, named_early: str | None = None) -> JobState:
        """Status and all events so far, metrics and checkpoints told as events; `named_early` is a model named before
        its end."""
        raise NotImplementedError

    def cancel(self, job_id: str) -> None:
        raise NotImplementedError

    def pause(self, job_id: str) -> None:
        raise WorkbenchError("This host cannot pause a fine-tune.", "Cancel it, or let it go on.")

    def resume(self, job_id: str) -> None:
        raise WorkbenchError("This host cannot resume a fine-tune.", "Look at it there.")

    def estimate(self, order: Order) -> Estimate | None:
        """What the host says that the order will cost; None where it says nothing of it. The files are there by now."""
        return None

    def deploy(self, wanted: Wanted) -> None:
        """Have the host deploy a model under the name that is wanted, as far as that is not done yet: this is called
        again where an answer got lost."""
        raise WorkbenchError("This host does not deploy models.", "Its models can be called once they are trained.")

    def deployment(self, wanted: Wanted) -> Deployed | None:
        """How it stands; None where there is none by this name, or where `deploy` has not done all of it."""
        raise WorkbenchError("This host does not deploy models.", "Its models can be called once they are trained.")

    def undeploy(self, wanted: Wanted) -> None:
        """Take it down. Nothing happens where there is none; a `WorkbenchError` means that it has to be tried again."""
        raise WorkbenchError("This host does not deploy models.", "Look at it there.")

    def _there(self, path: str) -> Fields | None:
        """What lies at a path; None where there is nothing."""
        try:
            return self._wire.get("read what is there", path)
        except WorkbenchError as error:
            if is_gone(error.__cause__):
                return None
            raise

    def _unless_there(self, make: Callable[[], Fields], path: str) -> Fields:
        """What is made at a path; where that fails, what is there already: the answer got lost, or it was made before
        the program died."""
        try:
            return make()
        except WorkbenchError as error:
            try:
                found = self._there(path)
            except WorkbenchError:
                found = None
            if found is None:
                raise error
            return found

    def create(self, order: Order, left_out: set[str]) -> str:
        """The host's id of the new job; where the answer got lost, that of the job that was made all the same.

        Optional fields that the host refuses are left out, and added to `left_out`. Raises `Unanswered` where it
        cannot be found out now, `WorkbenchError` where the host made none.
        """
        while True:
            request = self.request(order, left_out)
            try:
                return self._created(request)
            except WorkbenchError as error:
                cause = error.__cause__
                if not is_refusal(cause):
                    if (found := self._made_all_the_same(order)) is None:
                        raise
                    return found
                refused = None if isinstance(error, NotYet) else refused_field(cause, request, self._kept(order))
                if refused == self.names_method and not order.is_usual:
                    if not is_about_a_value(cause):
                        raise WorkbenchError(f"{_NO_PAIRS} {error.message}", _NO_PAIRS_HINT) from cause
                    raise
                if refused is None:
                    raise
                left_out.add(refused)

    def _kept(self, order: Order) -> frozenset[str]:
        """What is not left out whatever the host says: also what the user has set by hand."""
        places = (self._dialect.parameters_by_key[key].place for key in self._set_by_hand(order))
        return self.needed | {place.partition(".")[0] for place in places if place.partition(".")[0]}

    def _set_by_hand(self, order: Order) -> list[str]:
        return [key for key in order.parameters if key in self._dialect.parameters_by_key]

    def _created(self, request: Mapping[str, Any]) -> str:
        answer = job_in(self._wire.post("start the fine-tune", self.path, request, once=True))
        self.named_at_creation = self._named(self.told(answer).model)
        return self.id_of(answer)

    def told(self, job: Fields) -> Told:
        """What a job says of itself."""
        raise NotImplementedError

    def id_of(self, job: Fields) -> str:
        return str(job["id"])

    def _made_all_the_same(self, order: Order) -> str | None:
        try:
            return self.find(Sought(order.mark, order.suffix, order.training_file))
        except WorkbenchError as error:
            raise Unanswered(error.message, error.hint) from error

    def _state(self, job: Fields, named_early: str | None, events: list[Mapping[str, Any]]) -> JobState:
        told, hide = self.told(job), self._wire.hide
        status = status_of(told, named_early)
        return JobState(
            status=status,
            host_status=hide(clean(told.word)),
            fine_tuned_model=self._named(told.model),
            message=hide(_message_of(told, status)),
            events=tuple(events),
            raw=job,
        )

    def _named(self, model: Any) -> str | None:
        return self._wire.hide(clean(str(model))) if model else None


def status_of(told: Told, named_early: str | None = None) -> FineTuneStatus:
    """By the host's word; where that leaves it open by whether there is an error, an end or a model.

    A model that the host named while the job was surely not over, `named_early`, says nothing.
    """
    end = end_of(told.word)
    if end in _STATUS:
        return _STATUS[end]
    if end is End.WELL and not told.error:
        return FineTuneStatus.SUCCEEDED
    if end is not None or told.error or told.is_ended:
        is_well = told.model and (end is End.WELL or not told.error)
        return FineTuneStatus.SUCCEEDED if is_well else FineTuneStatus.FAILED
    is_new = bool(told.model) and not goes_on(told.word) and str(told.model) != named_early
    return FineTuneStatus.SUCCEEDED if is_new else FineTuneStatus.RUNNING


def _message_of(told: Told, status: FineTuneStatus) -> str:
    """What to tell beside the status: the host's reason, or what is missing."""
    word = clean(told.word)
    if status is FineTuneStatus.RUNNING:
        return unsure(word)
    if status is FineTuneStatus.SUCCEEDED and not told.model:
        return (
            "The host does not say what the model is called. Look up its name there, and type it when you start a run."
        )
    if status is FineTuneStatus.FAILED and not told.error:
        return f"The host ended the fine-tune as “{word}” without saying why."
    return told.error


_ASKS_FOR_A_LICENCE = re.compile(r"premium user|enterprise (?:user|licen|feature)|licen[cs]e key", re.IGNORECASE)
"""Some proxies refuse so, with a status that says they broke."""


def words_of(error: Any) -> str:
    """What a job's error says; "" where there is none: hosts put empty objects there, too."""
    if isinstance(error, str):
        return clean(error)
    told = error if isinstance(error, Mapping) else {}
    return clean(str(told.get("message") or told.get("code") or ""))


def job_in(answer: Any) -> Fields:
    """The job, also where it stands inside `job`."""
    inner = answer.get("job") if isinstance(answer, Mapping) else None
    found = inner if isinstance(inner, Mapping) else answer
    if not isinstance(found, Mapping):
        raise TypeError("no object")
    return found


def is_refusal(cause: BaseException | None) -> bool:
    """Whether the host said no; every other trouble leaves open whether it did what was asked."""
    import openai

    if not isinstance(cause, openai.APIStatusError):
        return False
    return (cause.status_code < 500 and cause.status_code != 408) or _ASKS_FOR_A_LICENCE.search(str(cause)) is not None
