"""Collects what is wrong with an input, up to a number that a person can still read."""

from core.model import Problem

MOST_PROBLEMS = 100


class ProblemList:
    """Keeps the first hundred problems and counts the rest."""

    def __init__(self) -> None:
        self._kept: list[Problem] = []
        self.more = 0

    def add(self, message: str, row: int | None = None, column: str | None = None, hint: str = "") -> None:
        if len(self._kept) < MOST_PROBLEMS:
            self._kept.append(Problem(message, row, column, hint))
        else:
            self.more += 1

    def all(self) -> tuple[Problem, ...]:
        """The problems kept, in the order found, and one that says how many more there are."""
        if not self.more:
            return tuple(self._kept)
        return (*self._kept, Problem(f"… and {self.more:,} more.", hint="Fix these first, then read the file again."))
