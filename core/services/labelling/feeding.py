"""What a run has still to ask, a page at a time: items are rendered, and what was answered before is taken over.

Made and used in the storing thread, so that a page never misses what the transaction before it stored.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import WorkbenchError
from core.model import ErrorKind, Item, Run
from core.services.asking.asker import Asker, Request, Unsendable
from core.services.asking.entries import annotation_taken_over, vote_taken_over
from core.services.asking.late import votes_as_labels_stand
from core.services.labelling.votes import Tally, known_answers, rule_of
from core.services.labelling.work import Arrived, Work
from core.storage import cache, runs
from core.storage.annotations import NewAnnotation
from core.storage.cache import CachedAnswer
from core.storage.engine import Database
from core.storage.repeats import Repeat
from core.storage.runs import RunError
from core.tasks import ParsedAnswer

log = logging.getLogger(__name__)

_PAGE = 500
_FIRST_PAGE = 100
_PAGE_SECONDS = 0.04
"""What a page may take: answers wait to be stored meanwhile, and rendering with masking may be slow."""
_LONGEST_PAGE_SECONDS = 1.0
"""No item is begun after that: the lease has to be renewed meanwhile, and masking a book may take seconds."""


@dataclass
class Page:
    """The next items up to id `last`: `work` has to be asked; `arrived` need not. `tallies` by item, where several
    answers are wanted and are not all there; `votes` are further ones to count, with the questions they answer."""

    last: int
    items: int
    work: list[Work] = field(default_factory=list)
    arrived: Arrived = field(default_factory=Arrived)
    tallies: dict[int, Tally] = field(default_factory=dict)
    votes: list[tuple[Work, Repeat]] = field(default_factory=list)


class Feeder:
    """Reads what is missing of one run."""

    def __init__(self, db: Database, run: Run, asker: Asker) -> None:
        self._db, self._run, self._asker = db, run, asker
        self._rule = rule_of(run.config, asker)
        self._repeats = self._rule.wanted
        self._uses_cache = bool(run.config.get("use_cache", True))
        self._size = _FIRST_PAGE

    @property
    def shares_answers(self) -> bool:
        """Whether one answer may serve several items whose requests are the same."""
        return self._uses_cache

    def page(self, after: int) -> Page | None:
        """What is missing after item id `after`; None where nothing is. Raises `WorkbenchError` for a missing field."""
        started = time.perf_counter()
        page = self._page(after)
        took = max(time.perf_counter() - started, 1e-6)
        if page is not None:
            self._size = max(10, min(int(page.items * _PAGE_SECONDS / took), self._size * 2))
        return page

    def _page(self, after: int) -> Page | None:
        with self._db.read() as conn:
            items = runs.missing(conn, self._run.id, after, min(self._size, _PAGE))
            if not items:
                return None
            page = Page(after, 0)
            asked = self._requests(items, page)
            keys = list(dict.fromkeys(work.key for questions in asked for work in questions))
            if self._repeats > 1:
                own = votes_as_labels_stand(conn, self._run, [questions[0].item_id for questions in asked])
                known = known_answers(conn, self._rule, keys) if self._uses_cache else {}
                for questions in asked:
                    self._add_several(page, questions, own.get(questions[0].item_id, ()), known)
            else:
                found = cache.find(conn, keys) if self._uses_cache else {}
                for [work] in asked:
                    self._add_one(page, work, found)
            return page

    def again(self, parked: Sequence[Work]) -> Page:
        """Questions that waited for the answer to the very same one: taken over where it came, else asked."""
        page = Page(0, 0)
        for work in parked:
            work.key = self._asker.key(work.request)  # the host may have turned out to be asked another way
        keys = [work.key for work in parked]
        with self._db.read() as conn:
            known = cache.find_repeats(conn, keys) if self._repeats > 1 else {}
            found = cache.find(conn, keys) if self._repeats == 1 else {}
        for work in parked:
            if self._repeats == 1:
                self._add_one(page, work, found)
            elif (answer := known.get(work.share)) is not None:
                page.votes.append((work, self._taken_over(work, answer)))
            else:
                page.work.append(work)
        return page

    def _requests(self, items: Sequence[Item], page: Page) -> list[list[Work]]:
        """The questions about each of as many of the items as there is time for: those are what the page holds."""
        asked, until = [], time.perf_counter() + _LONGEST_PAGE_SECONDS
        for item in items:
            page.last, page.items = item.id, page.items + 1
            try:
                requests = self._asker.requests(item, self._repeats)
                asked.append([Work(item.id, request, self._asker.key(request)) for request in requests])
            except Unsendable as error:
                page.arrived.errors.append(RunError(item.id, ErrorKind.BAD_REQUEST, str(error), "", 1))
            except WorkbenchError:
                raise
            except Exception as error:
                # What one item does to us must not end the run.
                log.exception("item %s of run %s met a bug", item.id, self._run.id)
                said = f"Error in LabelLoop: {type(error).__name__}"
                page.arrived.errors.append(RunError(item.id, ErrorKind.MALFORMED, said, "", 1))
            if time.perf_counter() >= until:
                break
        return asked

    def _add_one(self, page: Page, work: Work, found: Mapping[bytes, CachedAnswer]) -> None:
        known = found.get(work.key)
        if known is None:
            page.work.append(work)
            return
        page.arrived.from_cache += 1
        page.arrived.settled.append(work)
        parsed = self._parsed(work.request, known)
        page.arrived.annotations.append(annotation_taken_over(work.item_id, work.key, known, parsed, self._run))

    def _add_several(
        self,
        page: Page,
        questions: Sequence[Work],
        own: Sequence[Repeat],
        known: Mapping[tuple[bytes, int], CachedAnswer],
    ) -> None:
        tally = Tally(self._rule, list(own))
        there = {vote.ordinal for vote in own}
        for work in questions:
            if work.request.ordinal in there:
                continue
            if (answer := known.get(work.share)) is not None:
                vote = self._taken_over(work, answer)
                page.arrived.repeats.append(vote)
                tally.votes.append(vote)
            else:
                page.work.append(work)
        if tally.is_complete:
            result = tally.result(self._run.annotator_id, self._run.id)
            if isinstance(result, NewAnnotation):
                page.arrived.annotations.append(result)
            page.arrived.from_cache += tally.is_taken_over
        else:
            page.tallies[questions[0].item_id] = tally

    def _taken_over(self, work: Work, known: CachedAnswer) -> Repeat:
        parsed = self._parsed(work.request, known)
        return vote_taken_over(work.item_id, work.request.ordinal, work.key, known, parsed)

    def _parsed(self, request: Request, known: CachedAnswer) -> ParsedAnswer:
        return self._asker.from_cache(known.raw, known.kind, request.item, shown=request.shown)
