"""How a table becomes a project."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from core.importers import FurtherQuestion
from core.model import QuestionKind
from core.tasks import TASKS


class Conflicts(StrEnum):
    """What counts where one annotator says several things of one item. `KEPT` loses none: in a table of annotations
    the last counts and the history has all, else each other label becomes a further annotator's word. Where no label
    has a majority, none counts."""

    KEPT = "kept"
    FIRST = "first"
    LAST = "last"
    MAJORITY = "majority"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True)
class ImportChoice:
    """How a table becomes a project. Each label column becomes one `imported` annotator, the first the reference.

    With an `annotator_column` each row is one annotation, by whom that column says; there is one annotator for each
    name, the one with most labels the reference. `merge_labels` maps a spelling in the file to the one it should count
    as, nothing meaning no label; what it leaves out counts as `Check.counts_as` proposes. Rows with the text of an
    earlier row (in tables of annotations: the id, where one is chosen) are that item once more, unless
    `keep_duplicates`. `conflicts` says what counts where rows of one item contradict each other.
    """

    name: str
    text_columns: tuple[str, ...]
    label_columns: tuple[str, ...] = ()
    id_column: str | None = None
    merge_labels: Mapping[str, str] = field(default_factory=dict)
    keep_duplicates: bool = False
    skip_empty: bool = False
    first_row: int = 2
    annotator_column: str | None = None
    conflicts: Conflicts = Conflicts.KEPT
    annotator_names: Mapping[str, str] = field(default_factory=dict)
    """What the annotator of a label column is called, where that is not the column's own name."""
    kind: QuestionKind = QuestionKind.SINGLE_LABEL
    """Which kind of question the label columns answer."""
    candidates: tuple[str, ...] = ()
    """The columns that are compared, and stay fields of the items."""
    models: frozenset[str] = frozenset()
    """The annotators, by name, that are models: what they say is a prediction."""
    empty_says_none: bool = True
    """Whether an empty list says that no label applies; otherwise such a row is not labelled."""
    skip_misfits: bool = False
    """Whether spans that lie in their text in no reading are left out, instead of standing in the way."""

    further: Mapping[str, FurtherQuestion] = field(default_factory=dict)
    """Further questions about the same items, by their names."""
    question: str = ""
    """What the first question is called, where there are further ones."""
    messages: str = ""
    """The column with the messages that the text was read from, where it is that of conversations (see `marked`)."""
    kept_messages: str = ""
    """The field in which the project that the table is added to has the messages of its conversations."""

    @property
    def holds_names(self) -> bool:
        """Whether each label cell holds the name of one label."""
        return TASKS[self.kind].is_closed

    @property
    def is_long(self) -> bool:
        return self.annotator_column is not None

    @property
    def roles(self) -> dict[str, str]:
        """What each chosen column is chosen for."""
        return {
            **({self.id_column: "id"} if self.id_column else {}),
            **({self.annotator_column: "annotator"} if self.annotator_column else {}),
            **dict.fromkeys(self.label_columns, "label"),
            **dict.fromkeys(self.candidates, "candidate"),
            **dict.fromkeys(self.text_columns, "text"),
        }

    def about(self, asked: FurtherQuestion) -> "ImportChoice":
        """How a further question's answers are read: of the same items and annotators, as its own kind."""
        return replace(
            self,
            label_columns=(asked.column,),
            kind=asked.kind,
            candidates=asked.candidates,
            merge_labels={},
            annotator_names={},
            further={},
            question="",
        )


def written_down(choice: ImportChoice, called: Mapping[str, str]) -> dict[str, Any]:
    """What the columns were taken for, as an upload keeps it; `called` has the annotator of each label column."""
    return {
        "text": (choice.messages,) if choice.messages else choice.text_columns,
        "labels": dict(called),
        "id": choice.id_column,
        "annotator": choice.annotator_column,
        "candidates": choice.candidates,
        "keep_duplicates": choice.keep_duplicates,
        "empty_says_none": choice.empty_says_none,
        "models": sorted(choice.models),
    }
