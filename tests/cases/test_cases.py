"""Every case gives its right value; `python -m tests.cases` prints the same as a table."""

from pathlib import Path

import pytest

from tests.cases import Case, all_cases, folder

CASES = list(all_cases())


@pytest.mark.skipif(folder() is None, reason="needs the cases beside the test data (LABELLOOP_TEST_DATA)")
def test_the_cases_are_found() -> None:
    assert len({case.name for case in CASES}) == len(CASES) > 0


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_case_gives_its_right_value(case: Case, tmp_path: Path) -> None:
    assert case.get(tmp_path) == case.right
