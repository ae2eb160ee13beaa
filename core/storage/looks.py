"""Looks at the test split, by what was shown and how it stood then."""

from sqlalchemy import Connection, func, insert, select

from core.model import Split
from core.storage.engine import now
from core.storage.tables import looks


def was_asked(conn: Connection, project_id: int, question: str) -> bool:
    """Whether this was ever asked, so that showing the same figures again need not count."""
    query = select(looks.c.id).where(looks.c.project_id == project_id, looks.c.question == question).limit(1)
    return conn.execute(query).first() is not None


def asked(conn: Connection, project_id: int) -> list[str]:
    """Every question, in the order they were first asked."""
    query = select(looks.c.question).where(looks.c.project_id == project_id).order_by(looks.c.id)
    return list(conn.execute(query).scalars())


def add_look(conn: Connection, project_id: int, question: str, *, worth: int = 1) -> None:
    """Note what was asked; `worth` says as how many looks it counts."""
    conn.execute(insert(looks).values(project_id=project_id, question=question, created_at=now(), worth=worth))


def met_on_test(conn: Connection, one: int, other: int) -> tuple[int, int]:
    """On how many test items both annotators' labels stand, and the newest entry among those; 0 is nobody, who asks
    for no label."""
    both = [annotator for annotator in (one, other) if annotator]
    joins = "".join(f" JOIN current c{n} ON c{n}.annotator_id = ? AND c{n}.item_id = i.id" for n in range(len(both)))
    stands = "".join(f" AND c{n}.value_id IS NOT NULL" for n in range(len(both)))
    newest = [f"c{n}.annotation_id" for n in range(len(both))]
    row = conn.exec_driver_sql(
        f"SELECT COUNT(*), COALESCE(MAX({_greatest(newest)}), 0) FROM items i{joins}"
        " WHERE i.project_id = (SELECT COALESCE(p.home_id, p.id) FROM annotators n"
        f" JOIN projects p ON p.id = n.project_id WHERE n.id = ?) AND i.split = ?{stands}",
        (*both, both[0], str(Split.TEST)),
    ).one()
    return int(row[0]), int(row[1])


def _greatest(columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"MAX({', '.join(columns)})"


def look_count(conn: Connection, project_id: int, *, since: float = 0.0) -> int:
    """How many looks there were, or how many since then."""
    query = select(func.coalesce(func.sum(looks.c.worth), 0))
    return int(conn.execute(query.where(looks.c.project_id == project_id, looks.c.created_at >= since)).scalar_one())
