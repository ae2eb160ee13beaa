"""Single values of the workbench."""

from core.storage import facts


def test_a_value_never_put_is_none_and_a_new_one_takes_the_place_of_the_old(db):
    with db.write() as conn:
        assert facts.get(conn, "x") is None
        facts.put(conn, "x", "1")
        facts.put(conn, "x", "2")
        facts.put(conn, "y", "")
    with db.read() as conn:
        assert (facts.get(conn, "x"), facts.get(conn, "y")) == ("2", "")
