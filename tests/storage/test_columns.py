"""What an annotator said, as an array beside any items: however many of them, few looked up or all read."""

import numpy as np
import pytest
import sqlalchemy

from core.storage import columns


@pytest.fixture
def conn(tmp_path):
    """One annotator's labels of the even items up to 200, taken back of every tenth."""
    with sqlalchemy.create_engine(f"sqlite:///{tmp_path}/x.sqlite3").begin() as opened:
        opened.exec_driver_sql("CREATE TABLE current (annotator_id, item_id, value_id)")
        rows = [(1, item, None if item % 10 == 0 else item * 7) for item in range(0, 201, 2)]
        opened.exec_driver_sql("INSERT INTO current VALUES (?, ?, ?)", [*rows, (2, 1, 5)])
        yield opened


@pytest.mark.parametrize("step", [1, 3, 50, 500])
def test_each_item_has_what_was_said_of_it_and_the_others_nothing(conn, step):
    asked = range(2, 230, step)
    found = columns.of_annotator(conn, 1, "c.value_id", np.array(asked, np.int64))
    assert found.tolist() == [i * 7 if i % 2 == 0 and i % 10 and i <= 200 else -1 for i in asked]


def test_no_items_and_an_annotator_who_said_nothing_are_no_trouble(conn):
    assert columns.of_annotator(conn, 1, "c.value_id", np.array([], np.int64)).tolist() == []
    assert columns.of_annotator(conn, 3, "c.value_id", np.array([1, 2], np.int64)).tolist() == [-1, -1]
