"""Data, the front door: importing all or nothing, splitting, browsing, and what is in there."""

from collections.abc import Sequence
from dataclasses import replace

from core.importers import MOST_CANDIDATES as MOST_CANDIDATES
from core.importers import Check as Check
from core.importers import Recognised as Recognised
from core.importers import uncollected
from core.model import Item, TableData, Task, Upload
from core.services.common.door import door
from core.services.common.looking import ahead
from core.services.data import (
    adding,
    browsing,
    checking,
    counting,
    importing,
    known_columns,
    of_question,
    splitting,
    undoing,
)
from core.services.data.adding import Addition as Addition
from core.services.data.browsing import ItemPage as ItemPage
from core.services.data.choice import ImportChoice as ImportChoice
from core.services.data.foreign_labels import can_be_added as can_be_added
from core.services.data.known_columns import KnownColumns as KnownColumns
from core.services.data.known_columns import mapped as mapped
from core.services.data.marked import as_read, messages_kept, told
from core.services.data.showing import KINDS as KINDS
from core.services.data.showing import shown_answer as shown_answer
from core.services.data.splitting import DealCost as DealCost
from core.services.data.splitting import FormerDeal as FormerDeal
from core.services.data.splitting import SplitFacts as SplitFacts
from core.services.data.undoing import UploadFacts as UploadFacts
from core.spelling import fold as fold
from core.spelling import visible as visible
from core.splits import Shares as Shares
from core.storage.engine import Database
from core.storage.items import ItemFilter as ItemFilter


@door
class Data:
    def __init__(self, db: Database) -> None:
        self._db = db

    @uncollected()
    def check(self, table: TableData, choice: ImportChoice) -> Check:
        """What stands in the way of importing this table so; see `checking.check`."""
        table, choice = as_read(table, choice)
        found = checking.check(table, choice)
        return replace(found, hints=(*found.hints, *told(choice)))

    @uncollected()
    def import_table(
        self,
        table: TableData,
        choice: ImportChoice,
        *,
        task: Task | None = None,
        check: Check | None = None,
        is_demo: bool = False,
        file: str = "",
        progress: importing.Progress = importing.no_progress,
    ) -> int:
        """A new project with these items and labels, all or nothing; returns its id. See `importing.import_table`."""
        table, choice = as_read(table, choice)
        return importing.import_table(
            self._db, table, choice, task=task, check=check, is_demo=is_demo, file=file, progress=progress
        )

    def about_question(self, project_id: int, table: TableData) -> TableData:
        """Of an export with the answers to all questions those to this one; see `of_question.about_question`."""
        return of_question.about_question(self._db, project_id, table)

    def known_columns(self, project_id: int) -> KnownColumns:
        """What the columns of the project's files are called; `mapped` finds them in another file."""
        return known_columns.known_columns(self._db, project_id)

    @uncollected()
    def preview(
        self,
        project_id: int,
        table: TableData,
        choice: ImportChoice,
        *,
        check: Check | None = None,
        earlier: Addition | None = None,
        new_labels: Sequence[str] = (),
        progress: importing.Progress = importing.no_progress,
    ) -> Addition:
        """What adding this table to a project would do; see `adding.preview`."""
        table, choice = self._as_read(project_id, table, choice)
        return adding.preview(
            self._db,
            project_id,
            table,
            choice,
            check=check,
            earlier=earlier,
            new_labels=new_labels,
            progress=progress,
        )

    @uncollected()
    def add_table(
        self,
        project_id: int,
        table: TableData,
        choice: ImportChoice,
        *,
        check: Check | None = None,
        addition: Addition | None = None,
        new_labels: Sequence[str] = (),
        file: str = "",
        progress: importing.Progress = importing.no_progress,
    ) -> Upload:
        """Add the items of a table to a project, and what is said of them; see `adding.add_table`."""
        table, choice = self._as_read(project_id, table, choice)
        return adding.add_table(
            self._db,
            project_id,
            table,
            choice,
            check=check,
            addition=addition,
            new_labels=new_labels,
            file=file,
            progress=progress,
        )

    def _as_read(self, project_id: int, table: TableData, choice: ImportChoice) -> tuple[TableData, ImportChoice]:
        with self._db.read() as conn:
            return as_read(table, replace(choice, kept_messages=messages_kept(conn, project_id)))

    def uploads(self, project_id: int) -> list[UploadFacts]:
        """What came in together, the newest first, and whether it can be undone."""
        return undoing.uploads_of(self._db, project_id)

    def upload_names(self, project_id: int) -> dict[int, str]:
        """What its uploads are called, the first one first; those of one name by when they came."""
        return undoing.names_of(self._db, project_id)

    def stamp(self, project_id: int) -> str:
        """Changes with the items of the project, how they are dealt, and what anybody says of them."""
        return undoing.stamp(self._db, project_id)

    def undo_upload(self, project_id: int, upload_id: int) -> Upload:
        """Take an upload away again, as long as nothing has come of it; see `undoing.undo`."""
        return undoing.undo(self._db, project_id, upload_id)

    def split(
        self,
        project_id: int,
        shares: Shares | None = None,
        seed: int = 0,
        progress: importing.Progress = importing.no_progress,
        *,
        agreed: bool = False,
        apart: bool = False,
    ) -> SplitFacts:
        """Deal all items anew; see `splitting.split`."""
        return splitting.split(self._db, project_id, shares, seed, progress, agreed=agreed, apart=apart)

    def split_cost(
        self,
        project_id: int,
        shares: Shares,
        seed: int,
        progress: importing.Progress = importing.no_progress,
        *,
        apart: bool = False,
    ) -> DealCost:
        """What that would cost: looks at test that lose their worth, items of which too much is known."""
        return splitting.split_cost(self._db, project_id, shares, seed, progress, apart=apart)

    def bring_back(self, project_id: int, deal_id: int, *, agreed: bool = False) -> SplitFacts:
        """Put the items back where they were in a former deal; see `splitting.bring_back`."""
        return splitting.bring_back(self._db, project_id, deal_id, agreed=agreed)

    def cost_back(self, project_id: int, deal_id: int) -> DealCost:
        """What that would cost."""
        return splitting.cost_back(self._db, project_id, deal_id)

    def split_facts(self, project_id: int) -> SplitFacts:
        """How the items are dealt."""
        return splitting.split_facts(self._db, project_id)

    def page(
        self, project_id: int, where: ItemFilter, *, after: int = 0, limit: int = 50, models_on_test: bool = False
    ) -> list[Item]:
        """The next items of a filtered list; pass the last id seen as `after`."""
        return browsing.page(self._db, project_id, where, after=after, limit=limit, models_on_test=models_on_test)

    def window(
        self,
        project_id: int,
        where: ItemFilter,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 50,
        models_on_test: bool = False,
    ) -> ItemPage:
        """The items after id `after`, or those just before id `before`, and where they stand in the whole list; see
        `browsing.window`."""
        return browsing.window(
            self._db, project_id, where, after=after, before=before, limit=limit, models_on_test=models_on_test
        )

    def looks_ahead(self, project_id: int, shown: Sequence[int]) -> int:
        """How many looks at test it would be to show these annotators' labels of it side by side now."""
        return ahead(self._db, project_id, shown)

    def count(self, project_id: int, where: ItemFilter = ItemFilter()) -> int:  # noqa: B008 - frozen
        """How many items match."""
        return browsing.count(self._db, project_id, where)

    def labels_of(
        self, project_id: int, item_ids: Sequence[int], *, models_on_test: bool = False
    ) -> dict[int, dict[int, str]]:
        """Current label name by item id and annotator id; models' on test only as a look, see `counting.labels_of`."""
        return counting.labels_of(self._db, project_id, item_ids, models_on_test=models_on_test)

    def label_distribution(self, project_id: int, annotator_id: int) -> list[tuple[str, str, int]]:
        """`(split, label, items)` of one annotator's current labels."""
        return counting.label_distribution(self._db, project_id, annotator_id)

    def text_lengths(self, project_id: int, width: int = 20) -> list[tuple[int, int]]:
        """`(from how many characters, items)`, in steps of `width`."""
        return counting.text_lengths(self._db, project_id, width)

    def near_duplicates(self, project_id: int, limit: int = 20) -> list[list[Item]]:
        """Groups of near-identical items, largest first."""
        return counting.near_duplicates(self._db, project_id, limit)
