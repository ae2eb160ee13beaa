"""The questions of one run on their way: what may be asked now, and what comes of it.

All of it happens on the run's event loop; only pages are read in the storing thread.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from core.errors import WorkbenchError
from core.hosts.decide import Pause, Record, Retry, Stop, Wait
from core.hosts.pace import Pace
from core.hosts.wire import Failure, Manner
from core.model import ErrorKind, Run, RunStatus
from core.services.asking import Answered, Asker
from core.services.labelling_budget import Purse
from core.services.labelling_feeding import Feeder, Page
from core.services.labelling_health import Health
from core.services.labelling_storing import Storer
from core.services.labelling_votes import Tally
from core.services.labelling_work import Work, annotation_of, vote_of
from core.storage.runs import RunError

log = logging.getLogger(__name__)

BUG = "LabelLoop made a mistake here; the log has the details. Resume to go on."
_MOST_UNSTORED = 512
_LOOK_AGAIN_SECONDS = 0.05
_MOST_BUGS = 10


class End(Protocol):
    def __call__(self, status: RunStatus, message: str, pause_seconds: float | None = None) -> None: ...


class Questions:
    """Asks what the feeder gives, as many at once as the pace, the breaker, the purse and the storer allow.

    `end` is told how the run ends, `found_out` how the host turned out to be best asked.
    """

    def __init__(
        self,
        run: Run,
        asker: Asker,
        *,
        feeder: Feeder,
        storer: Storer,
        pace: Pace,
        purse: Purse,
        health: Health,
        labels: Mapping[str, int],
        end: End,
        found_out: Callable[[Manner], None],
    ) -> None:
        self._run, self._asker, self._feeder, self._storer = run, asker, feeder, storer
        self._pace, self._purse, self._health, self._labels = pace, purse, health, labels
        self._tell_end, self._found_out = end, found_out
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self._ready: deque[Work] = deque()
        self._low = asyncio.Event()
        self._over = False
        self._alarm: asyncio.TimerHandle | None = None
        self._unfinished = 0
        self._all_fed = False
        self._bugs_in_a_row = 0
        self._tallies: dict[int, Tally] = {}
        self._going: set[bytes] = set()
        self._parked: dict[bytes, list[Work]] = {}
        self._manner = asker.manner
        self.askers: set[asyncio.Task[None]] = set()
        self.bug: BaseException | None = None

    def stop(self) -> None:
        """Ask nothing more; what is in flight may still come home."""
        self._over = True
        if self._alarm is not None:
            self._alarm.cancel()

    def why(self) -> str:
        """How it is going, in a sentence."""
        now = self._clock()
        return self._health.why(now) or self._pace.why(now)

    # feeding

    async def keep_feeding(self) -> None:
        """Read the next page whenever little is left, until all are read."""
        after = 0
        while (page := await self._storer.run_in_thread(partial(self._feeder.page, after))) is not None:
            after = page.last
            self._unfinished += page.items
            self._low.clear()
            self._take(page)
            await self._low.wait()
        self._all_fed = True
        self._end_if_finished()

    def _take(self, page: Page) -> None:
        self._unfinished -= len(page.arrived.annotations) + len(page.arrived.errors)
        self._tallies |= page.tallies
        if page.arrived:
            self._storer.arrived.take(page.arrived)
            self._storer.notify()
        if self._feeder.shares_answers:
            for work in page.work:
                if work.key in self._going:
                    self._parked.setdefault(work.key, []).append(work)
                else:
                    self._going.add(work.key)
                    self._ready.append(work)
        else:
            self._ready.extend(page.work)
        self._ask_more()
        self._end_if_finished()

    def after_storing(self, settled: list[Work]) -> None:
        """What is stored makes room, and answers those that waited for the very same request."""
        if self._storer.others:
            self._purse.others_have(self._storer.others)
        freed: list[Work] = []
        for work in settled:
            self._going.discard(work.key)
            freed += self._parked.pop(work.key, ()) if self._parked else ()
        if freed:
            self._watch(asyncio.create_task(self._feed_again(freed)))
        self._ask_more()

    async def _feed_again(self, parked: list[Work]) -> None:
        self._take(await self._storer.run_in_thread(partial(self._feeder.again, parked)))

    # asking

    def _ask_more(self) -> None:
        while (work := self._next()) is not None:
            self._watch(self._loop.create_task(self._keep_asking(work)))

    def _watch(self, task: asyncio.Task[None]) -> None:
        self.askers.add(task)
        task.add_done_callback(self.askers.discard)
        task.add_done_callback(self.note_end_of)

    def note_end_of(self, task: asyncio.Task[None]) -> None:
        """An error that a task ended with ends the run."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        self.bug = self.bug or error
        self._tell_end(RunStatus.FAILED, str(error) if isinstance(error, WorkbenchError) else BUG)

    def _next(self) -> Work | None:
        """The question to ask now, counted as on its way; None where none may be, and then the reason is looked after:
        a timer, an answer that comes home, a transaction or a new page asks again."""
        if self._over or self._storer.trouble or self._storer.unstored > _MOST_UNSTORED:
            return None
        ready = self._ready
        if len(ready) < 2 * self._pace.limit:
            self._low.set()
        if not ready:
            return None
        now = self._clock()
        if (wait := self._health.delay(now) or self._pace.delay(now)) > 0.0:
            self._wake_in(wait)
            return None
        if not self._purse.allows_one_more():
            self._wait_for_the_purse()
            return None
        work = ready.popleft()
        self._health.started(work)
        self._pace.started(now)
        self._purse.started()
        return work

    def _wait_for_the_purse(self) -> None:
        """Calls on their way may come to nothing, and leave room; those of other runs nobody tells us about."""
        if self._purse.in_flight_together == 0:
            self._tell_end(RunStatus.PAUSED, self._purse.sentence())
        elif self._pace.in_flight == 0:
            self._wake_in(_LOOK_AGAIN_SECONDS)

    def _wake_in(self, seconds: float) -> None:
        if seconds == float("inf"):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_later(seconds, self._ask_more)

    async def _keep_asking(self, first: Work) -> None:
        work: Work | None = first
        while work is not None:
            try:
                outcome = await self._asker.ask(work.request)
            except WorkbenchError:
                raise
            except Exception as error:
                self._pace.given_up()
                self._purse.spared()
                self._health.given_up(work)
                self._after_bug(work, error)
            else:
                self._came_home(work, outcome)
            work = self._next()
            if work is not None and self._pace.has_room:
                self._ask_more()

    # what comes home

    def _came_home(self, work: Work, outcome: Answered | Failure) -> None:
        try:
            if isinstance(outcome, Failure):
                self._after_failure(work, outcome)
            else:
                self._after_answer(work, outcome)
        except Exception as error:
            self._after_bug(work, error)

    def _after_answer(self, work: Work, outcome: Answered) -> None:
        reply = outcome.reply
        if self._health.answered():
            self._pace.start_afresh(self._clock())
        self._pace.answered(self._clock(), reply.seconds, reply.prompt_tokens + reply.completion_tokens, reply.rates)
        self._purse.paid(reply.prompt_tokens, reply.cached_tokens, reply.completion_tokens)
        self._storer.arrived.pay(outcome)
        if self._asker.manner is not self._manner:
            self._manner = self._asker.manner
            self._watch(self._loop.create_task(self._remember(self._manner)))
        if self._tallies and (tally := self._tallies.get(work.item_id)) is not None:
            vote = vote_of(work, outcome, self._labels)
            self._storer.arrived.repeats.append(vote)
            tally.votes.append(vote)
            self._count(work, tally)
        else:
            self._storer.arrived.annotations.append(annotation_of(work, outcome, self._labels, self._run))
            self._settled(work)
        self._bugs_in_a_row = 0

    async def _remember(self, manner: Manner) -> None:
        await self._storer.run_in_thread(partial(self._found_out, manner))

    def _count(self, work: Work, tally: Tally) -> None:
        """One more answer or failure of several; the last one makes the annotation, or the error."""
        if not tally.is_complete:
            self._storer.notify()
            return
        del self._tallies[work.item_id]
        result = tally.result(self._run.annotator_id, self._run.id)
        if isinstance(result, RunError):
            self._storer.arrived.errors.append(result)
        else:
            self._storer.arrived.annotations.append(result)
        self._settled(work)

    def _settled(self, work: Work) -> None:
        self._storer.arrived.settled.append(work)
        self._storer.notify()
        self._unfinished -= 1
        self._end_if_finished()

    def _end_if_finished(self) -> None:
        if self._all_fed and self._unfinished == 0 and not self._over:
            self._tell_end(RunStatus.DONE, "")

    # what goes wrong

    def _after_failure(self, work: Work, failure: Failure) -> None:
        now = self._clock()
        too_much = failure.kind in (ErrorKind.RATE_LIMIT, ErrorKind.TIMEOUT)
        self._pace.failed(now, too_much=too_much, retry_after=failure.retry_after, rates=failure.rates)
        self._purse.spared()
        decision, came_back = self._health.failed(work, failure, now)
        if came_back:
            self._pace.start_afresh(now)
        match decision:
            case Retry(seconds):
                self._loop.call_later(seconds, self._again, work)
            case Wait():
                self._ready.append(work)
            case Pause(message, pause_seconds):
                self._tell_end(RunStatus.PAUSED, message, pause_seconds)
            case Stop(message):
                self._tell_end(RunStatus.FAILED, message)
            case Record():
                self._give_up(work, failure)

    def _after_bug(self, work: Work, error: Exception) -> None:
        """What one item or one answer does to us must not end the run, nor be paid for again; what all do must."""
        log.exception("item %s of run %s met a bug", work.item_id, self._run.id)
        self._bugs_in_a_row += 1
        self._give_up(work, Failure(ErrorKind.MALFORMED, f"LabelLoop made a mistake: {type(error).__name__}"))
        if self._bugs_in_a_row >= _MOST_BUGS:
            self._tell_end(RunStatus.FAILED, BUG)

    def _again(self, work: Work) -> None:
        self._ready.appendleft(work)
        self._ask_more()

    def _give_up(self, work: Work, failure: Failure) -> None:
        error = RunError(work.item_id, failure.kind, failure.message, failure.raw, work.tries)
        if self._tallies and (tally := self._tallies.get(work.item_id)) is not None:
            tally.failures.append(error)
            self._count(work, tally)
        else:
            self._storer.arrived.errors.append(error)
            self._settled(work)
