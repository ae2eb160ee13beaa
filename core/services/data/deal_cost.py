"""What a new deal of splits costs: test items that were looked at, and items of which too much is known already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.model import AnnotatorKind, Split
from core.services.common.taught import tuned_models
from core.storage import annotations, items, looks, prompt_versions
from core.storage.engine import Connection
from core.storage.homes import beside


@dataclass(frozen=True)
class DealCost:
    """What moves where. `test` counts the test items of now, `looks` the looks at them so far.

    `into_test` counts the items that would become test: of these `tuned` are labelled by a model already, so that
    prompts were chosen by them, and `examples` stand in saved prompts. `reviewed` counts those a person has labelled
    that would change their split. `taught` counts, by tuned model, those that would become test and that it was taught.
    """

    looks: int
    test: int
    to_train: int
    to_validation: int
    into_test: int
    tuned: int
    reviewed: int
    examples: int
    taught: Mapping[str, int] = field(default_factory=dict)

    @property
    def needs_consent(self) -> bool:
        """Whether the deal is made only where somebody says so, knowing the cost."""
        moves_test = self.to_train or self.to_validation or self.into_test
        return bool(self.looks and moves_test or self.examples or self.taught)

    @property
    def is_free(self) -> bool:
        return not (self.needs_consent or self.tuned or self.reviewed)

    def sentences(self) -> list[str]:
        """The cost in words, the worst first; none where it is free."""
        told = []
        if self.looks:
            seen = f"Test has been looked at {'once' if self.looks == 1 else f'{self.looks:,} times'}."
            told.append(f"{seen} {self.to_train:,} of its {self.test:,} items would move to train{self._validation()}.")
        told += self._taught_in_words()
        if self.examples:
            verb = "stands" if self.examples == 1 else "stand"
            told.append(f"{_items(self.examples)} that would be test {verb} as worked examples in saved prompts.")
        if self.tuned:
            has = "has" if self.tuned == 1 else "have"
            told.append(
                f"{self.tuned:,} of the {_items(self.into_test)} that would become test {has} been labelled by models: "
                "prompts tuned on them would score too well there."
            )
        if self.reviewed:
            told.append(f"{_items(self.reviewed)} that people have reviewed would change their split.")
        return told

    def _taught_in_words(self) -> list[str]:
        into = _items(self.into_test)
        return [
            f"A fine-tune has learned from these splits: {model} was taught {number:,} of the {into} that would become "
            f"test. It is not measured on {'it' if number == 1 else 'them'}, which leaves "
            f"{self._test_after - number:,}."
            for model, number in self.taught.items()
        ]

    @property
    def _test_after(self) -> int:
        return self.test - self.to_train - self.to_validation + self.into_test

    def _validation(self) -> str:
        return f" and {self.to_validation:,} to validation" if self.to_validation else ""


def cost_of(
    conn: Connection, project_id: int, new: Mapping[int, Split], *, since: float = 0.0, pinned: bool = True
) -> DealCost:
    """What it costs to put the items into these splits; looks and labels count from `since` on.

    `pinned`: worked examples are known to be in train, so they need not be looked for.
    """
    moves = [(i, old, new[i]) for i, old in items.splits_of(conn, project_id) if old is not None and i in new]
    into_test = {i for i, old, now in moves if now is Split.TEST and old is not Split.TEST}
    moving = {i for i, old, now in moves if old is not now}
    asking = beside(conn, project_id)  # all of their questions share the deal
    shown = set() if pinned else shown_items(conn, project_id)
    taught = {model: _overlap(into_test, known) for one in asking for model, known in tuned_models(conn, one).items()}

    def labelled(kind: AnnotatorKind) -> set[int]:
        return set[int]().union(*(annotations.items_labelled_by(conn, one, kind, since=since) for one in asking))

    return DealCost(
        looks=sum(looks.look_count(conn, one, since=since) for one in asking),
        test=sum(old is Split.TEST for _, old, _ in moves),
        to_train=sum(old is Split.TEST and now is Split.TRAIN for _, old, now in moves),
        to_validation=sum(old is Split.TEST and now is Split.VALIDATION for _, old, now in moves),
        into_test=len(into_test),
        tuned=_overlap(into_test, labelled(AnnotatorKind.MODEL)),
        reviewed=_overlap(moving, labelled(AnnotatorKind.PERSON)),
        examples=len(into_test & shown),
        taught={model: number for model, number in taught.items() if number},
    )


def shown_items(conn: Connection, project_id: int) -> set[int]:
    """The items that saved prompts show as worked examples."""
    return {
        one.item_id
        for asking in beside(conn, project_id)
        for version in prompt_versions.versions(conn, asking)
        for one in version.examples
    }


def _overlap(these: set[int], others: Iterable[int]) -> int:
    return len(these.intersection(others)) if these else 0


def _items(number: int) -> str:
    return f"{number:,} {'item' if number == 1 else 'items'}"
