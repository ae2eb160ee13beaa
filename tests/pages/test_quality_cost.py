"""What quality costs, on the Agreement page: the chart, what is not on it, and that it is folded until asked for."""

from core.model import Split
from core.storage import runs
from core.workbench import Workbench
from tests.pages.conftest import OpenApp, Small, add_model, texts

FREE = {"price": {"input": 0.0, "output": 0.0}}
DEAR = {"price": {"input": 1.0, "output": 1.0}}


def labelled(wb: Workbench, small: Small, name: str, wrong_every: int, config: dict[str, object]) -> int:
    """A model whose labels of validation came from a run at this price."""
    annotator = add_model(wb, small, name, wrong_every=wrong_every, split=Split.VALIDATION)
    told = {"host": "gone", "model": name, "split": "validation", "mode": "live", **config}
    with wb.db.write() as conn:
        run = runs.create(conn, small.id, annotator, told, [])
        conn.exec_driver_sql(
            "UPDATE runs SET status = 'done', done = 12, calls = 12, prompt_tokens = 1200, completion_tokens = 60"
            " WHERE id = ?",
            (run,),
        )
    return annotator


def test_it_is_folded_until_somebody_asks_and_a_link_opens_it(app: OpenApp, wb: Workbench, small: Small) -> None:
    for name, wrong in (("one", 3), ("two", 4)):
        labelled(wb, small, name, wrong, FREE)
    at = app("agreement", project=small.id)
    assert any(one.label == "What does quality cost?" for one in at.expander)
    assert "Pareto" not in texts(at)
    assert "Pareto" in texts(app("agreement", project=small.id, agree_cost=1))


def test_one_model_alone_has_nothing_to_be_weighed_against(app: OpenApp, wb: Workbench, small: Small) -> None:
    labelled(wb, small, "one", 3, FREE)
    at = app("agreement", project=small.id, agree_cost=1)
    assert not at.exception and not any(one.label == "What does quality cost?" for one in at.expander)


def test_a_cost_that_is_not_known_is_listed_and_is_no_point(app: OpenApp, wb: Workbench, small: Small) -> None:
    for name, config in (("own", FREE), ("dear", DEAR), ("mystery", {})):
        labelled(wb, small, name, 3, config)
    at = app("agreement", project=small.id, agree_cost=1)
    shown = texts(at).replace("\\", "")
    assert not at.exception
    assert "mystery: .67, cost unknown, since the price of its model is unknown." in shown
    (chart,) = [one for one in at.get("plotly_chart") if "dollars per 1,000 items" in one.proto.spec]
    assert "dear" in chart.proto.spec and "own" in chart.proto.spec and "mystery" not in chart.proto.spec
    assert any(one.proto.label == "Set prices" for one in at.get("page_link"))
