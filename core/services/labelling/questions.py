"""The questions of one run on their way: what may be asked now, and what comes of it.

All of it happens on the run's event loop; only pages are read in the storing thread.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from core.errors import WorkbenchError
from core.hosts.decide import Pause, Record, Retry, SetAside, Stop, Wait
from core.hosts.pace import Pace
from core.hosts.wire import Failure, Manner
from core.model import ErrorKind, RunStatus
from core.services.asking.asker import Answered, Asker
from core.services.labelling.feeding import Feeder, Page
from core.services.labelling.harvest import Harvest
from core.services.labelling.host_health import HostHealth
from core.services.labelling.purses import Purse
from core.services.labelling.sharing import Sharing
from core.services.labelling.storing import Storer
from core.services.labelling.work import Work

log = logging.getLogger(__name__)

BUG = "An error in LabelLoop stopped this; the log has the details. Resume to continue."
_FEW = 16
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
        asker: Asker,
        *,
        feeder: Feeder,
        storer: Storer,
        harvest: Harvest,
        pace: Pace,
        purse: Purse,
        health: HostHealth,
        end: End,
        found_out: Callable[[Manner], None],
    ) -> None:
        self._asker, self._feeder, self._storer, self._harvest = asker, feeder, storer, harvest
        self._pace, self._purse, self._health = pace, purse, health
        self._tell_end, self._found_out = end, found_out
        self._loop = asyncio.get_running_loop()
        self._clock = self._loop.time
        self._ready: deque[Work] = deque()
        self._low = asyncio.Event()
        self._over = False
        self._alarm: asyncio.TimerHandle | None = None
        self._bugs_in_a_row = 0
        self._aside_until, self._aside_message = 0.0, ""
        self._sharing = Sharing()
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
            self._low.clear()
            self._take(page)
            await self._low.wait()
        self._harvest.all_fed()
        self._end_if_finished()

    def _take(self, page: Page) -> None:
        self._harvest.take(page)
        self._ready.extend(self._sharing.first_ones(page.work) if self._feeder.shares_answers else page.work)
        self._ask_more()
        self._end_if_finished()

    def after_storing(self, settled: list[Work]) -> None:
        """What is stored makes room, and answers those that waited for the very same request."""
        if self._storer.others:
            self._purse.others_have(self._storer.others)
        if freed := self._sharing.freed_by(settled):
            self._watch(asyncio.create_task(self._feed_again(freed)))
        self._ask_more()

    async def _feed_again(self, freed: list[Work]) -> None:
        self._take(await self._storer.run_in_thread(partial(self._feeder.again, freed)))

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
        if self._over or self._storer.trouble or self._at_stake >= self._most_at_stake:
            return None
        ready = self._ready
        if len(ready) < 2 * self._pace.limit and not self._sharing.is_crowded:
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
        work.began = now
        self._health.started(work)
        self._pace.started(now)
        self._purse.started()
        return work

    @property
    def _at_stake(self) -> int:
        """What a kill of the program would ask twice: calls on their way, and answers that are not stored yet."""
        return self._pace.in_flight + self._storer.unstored

    @property
    def _most_at_stake(self) -> int:
        """As many as may be in flight, and as many again that came home since the last transaction began."""
        return int(self._pace.limit) + max(_FEW, int(self._pace.limit))

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
        self._harvest.answer(work, outcome)
        if self._asker.trouble:
            self._tell_end(RunStatus.PAUSED, self._health.said_of_host(self._asker.trouble))
        if self._asker.manner is not self._manner:
            self._manner = self._asker.manner
            self._watch(self._loop.create_task(self._remember(self._manner)))
        self._end_if_finished()
        self._bugs_in_a_row = 0

    async def _remember(self, manner: Manner) -> None:
        try:
            await self._storer.run_in_thread(partial(self._found_out, manner))
        except WorkbenchError as error:
            log.warning("how the host is best asked could not be stored: %s", error)

    def _end_if_finished(self) -> None:
        if not self._harvest.is_over or self._over:
            return
        if self._aside_message:
            wait = max(0.0, self._aside_until - self._clock())
            self._tell_end(RunStatus.PAUSED, self._aside_message, wait)
        else:
            self._tell_end(RunStatus.DONE, "")

    # what goes wrong

    def _after_failure(self, work: Work, failure: Failure) -> None:
        now = self._clock()
        took = now - work.began
        if failure.is_refusal:
            self._pace.refused(now, took, failure.retry_after, failure.rates)
        else:
            timed_out = failure.kind is ErrorKind.TIMEOUT
            self._pace.failed(now, took, timed_out=timed_out, rates=failure.rates)
        self._purse.spared()
        decision, came_back = self._health.failed(work, failure, now, self._pace.in_flight)
        if came_back:
            self._pace.start_afresh(now)
        match decision:
            case Retry(seconds):
                self._loop.call_later(seconds, self._again, work)
            case Wait():
                self._ready.append(work)
            case Pause(message, pause_seconds):
                self._tell_end(RunStatus.PAUSED, message, pause_seconds)
            case SetAside(message, seconds):
                self._set_aside(work, message, now + seconds)
            case Stop(message):
                self._tell_end(RunStatus.FAILED, message)
            case Record():
                self._give_up(work, failure)

    def _after_bug(self, work: Work, error: Exception) -> None:
        """What one item or one answer does to us must not end the run, nor be paid for again; what all do must."""
        log.exception("item %s met a bug", work.item_id)
        self._bugs_in_a_row += 1
        self._give_up(work, Failure(ErrorKind.MALFORMED, f"Error in LabelLoop: {type(error).__name__}"))
        if self._bugs_in_a_row >= _MOST_BUGS:
            self._tell_end(RunStatus.FAILED, BUG)

    def _again(self, work: Work) -> None:
        self._ready.appendleft(work)
        self._ask_more()

    def _set_aside(self, work: Work, message: str, until: float) -> None:
        if until > self._aside_until:
            self._aside_until, self._aside_message = until, message
        self._harvest.set_aside(work)
        self._end_if_finished()

    def _give_up(self, work: Work, failure: Failure) -> None:
        self._harvest.fail(work, failure)
        self._end_if_finished()
