"""Collects what is wrong with an input, up to a number that a person can still read."""

from collections import Counter
from collections.abc import Collection

from core.model import Problem

MOST_PROBLEMS = 100


class ProblemList:
    """Keeps the first hundred problems of each column and counts the rest: one bad column hides no other."""

    def __init__(self) -> None:
        self._kept: list[Problem] = []
        self._found: Counter[str | None] = Counter()

    def add(
        self,
        message: str,
        row: int | None = None,
        column: str | None = None,
        hint: str = "",
        columns: tuple[str, ...] = (),
    ) -> None:
        key = column or (columns[0] if columns else None)
        self._found[key] += 1
        if self._found[key] <= MOST_PROBLEMS:
            self._kept.append(Problem(message, row, column, hint, columns))

    def pass_on(self, problem: Problem) -> None:
        """One that another list kept."""
        self._kept.append(problem)

    def all(self) -> tuple[Problem, ...]:
        """The problems kept, in the order found, and for each column with more of them how many more."""
        more = {key: found - MOST_PROBLEMS for key, found in self._found.items() if found > MOST_PROBLEMS}
        hint = "Fix these first, then read the file again."
        return (*self._kept, *(Problem(f"… and {n:,} more.", None, key, hint) for key, n in more.items()))


def concerns(problem: Problem, chosen: Collection[str]) -> bool:
    """Whether the problem is in the way of importing these columns; one that names no column always is."""
    return problem.concerns_all or any(name in chosen for name in (problem.column, *problem.columns))
