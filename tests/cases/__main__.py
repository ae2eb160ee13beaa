"""Prints every case: what it is, what is right, what we get, and whether they are the same."""

import sys
import tempfile
from pathlib import Path

from tests.cases import all_cases, folder

_WIDTHS = (34, 50, 50)


def main() -> int:
    """How many cases are wrong."""
    if folder() is None:
        print("The cases are not here: set LABELLOOP_TEST_DATA to the test data they lie beside.")
        return 0
    wrong = 0
    print(_line("case", "right", "got", "ok"))
    for case in all_cases():
        with tempfile.TemporaryDirectory() as empty:
            try:
                got: object = case.get(Path(empty))
            except Exception as error:
                got = f"{type(error).__name__}: {error}"
        is_right = got == case.right
        wrong += not is_right
        print(_line(case.name, str(case.right), str(got), "ok" if is_right else "WRONG"))
        if not is_right:
            print(f"    right: {case.right}\n    got:   {got}")
    print(f"{wrong} wrong")
    return wrong


def _line(*cells: str) -> str:
    *long, last = cells
    shown = [cell if len(cell) <= width else cell[: width - 1] + "…" for cell, width in zip(long, _WIDTHS, strict=True)]
    return "  ".join([cell.ljust(width) for cell, width in zip(shown, _WIDTHS, strict=True)] + [last])


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
