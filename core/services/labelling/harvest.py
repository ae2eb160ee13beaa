"""What has come home of a run, on its way to the storer, and what is still open."""

from core.hosts.wire import Failure
from core.model import Run
from core.services.asking.asker import Answered
from core.services.asking.entries import annotation_of, vote_of
from core.services.labelling.feeding import Page
from core.services.labelling.storing import Storer
from core.services.labelling.votes import Tally
from core.services.labelling.work import Work
from core.storage.repeats import Repeat
from core.storage.runs import RunError


class Harvest:
    """Hands answers and errors to the storer; several answers to one item also as what they amount to together."""

    def __init__(self, run: Run, storer: Storer) -> None:
        self._run, self._storer = run, storer
        self._tallies: dict[int, Tally] = {}
        self._open = 0
        self._aside = set[int]()
        self._is_fed = False

    @property
    def is_over(self) -> bool:
        """Whether every item of the run has its annotation or error, or is set aside."""
        return self._is_fed and self._open == len(self._aside)

    def all_fed(self) -> None:
        """No page comes any more."""
        self._is_fed = True

    def take(self, page: Page) -> None:
        """A page's items are open but for those it brings an annotation or error for."""
        self._open += page.items - len(page.arrived.annotations) - len(page.arrived.errors)
        self._tallies |= page.tallies
        if page.arrived:
            self._storer.arrived.take(page.arrived)
            self._storer.notify()
        for work, vote in page.votes:
            self._vote(work, vote, self._tallies[work.item_id])

    def answer(self, work: Work, answered: Answered) -> None:
        self._storer.arrived.pay(answered)
        if self._tallies and (tally := self._tallies.get(work.item_id)) is not None:
            self._vote(work, vote_of(work.item_id, work.request.ordinal, answered), tally)
        else:
            self._storer.arrived.annotations.append(annotation_of(work.item_id, answered, self._run))
            self._settled(work)
            self._open -= 1

    def fail(self, work: Work, failure: Failure) -> None:
        """The question is given up."""
        error = RunError(work.item_id, failure.kind, failure.message, failure.raw, work.tries)
        self._settled(work)
        if self._tallies and (tally := self._tallies.get(work.item_id)) is not None:
            tally.failures.append(error)
            self._count(work.item_id, tally)
        else:
            self._storer.arrived.errors.append(error)
            self._open -= 1

    def set_aside(self, work: Work) -> None:
        """The item stays missing; a question like this one is asked for itself."""
        self._aside.add(work.item_id)
        self._settled(work)

    def _vote(self, work: Work, vote: Repeat, tally: Tally) -> None:
        self._storer.arrived.repeats.append(vote)
        tally.votes.append(vote)
        self._settled(work)
        self._count(work.item_id, tally)

    def _count(self, item_id: int, tally: Tally) -> None:
        """The last of several answers or failures makes the annotation, or the error."""
        if not tally.is_complete:
            return
        del self._tallies[item_id]
        self._open -= 1
        result = tally.result(self._run.annotator_id, self._run.id)
        if isinstance(result, RunError):
            self._storer.arrived.errors.append(result)
        else:
            self._storer.arrived.annotations.append(result)
            self._storer.arrived.from_cache += tally.is_taken_over

    def _settled(self, work: Work) -> None:
        self._storer.arrived.settled.append(work)
        self._storer.notify()
