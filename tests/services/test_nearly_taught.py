"""A text nearly the same as one that was taught, in another project too, is in no score of the model."""

import pytest

from core.model import FineTuneStatus, Split, TableData
from core.services.common.taught import taught_items
from core.services.data.bringing import ImportChoice
from core.splits import Shares
from core.storage import fine_tunes, taught
from tests.fakes.worlds import SmallProject

ALL_TEST = Shares(0, 0, 1)
OTHERS = [f"apart{i} alone{i} away{i} afar{i} aside{i}" for i in range(20)]


def project_of(wb, name, texts):
    """A project of these texts and some of its own, all of them test."""
    rows = [(text, "AB"[i % 2]) for i, text in enumerate([*texts, *(f"{name} {text}" for text in OTHERS)])]
    project = wb.data.import_table(TableData(("text", "gold"), rows), ImportChoice(name, ("text",), ("gold",)))
    wb.data.split(project, ALL_TEST)
    version = wb.prompts.save(project, "Choose one of:\n{{labels}}", "{{text}}", "plain")
    [gold] = [one.id for one in wb.projects.annotators(project)]
    return SmallProject(wb, project, version.id, gold, gold)


def tuned_on(project, texts, model="ft:one", base="base"):
    with project.wb.db.write() as conn:
        job = fine_tunes.create(
            conn,
            project.id,
            annotator_id=project.gold,
            prompt_version_id=project.version_id,
            host="openai",
            base_model=base,
            config={},
        )
        fine_tunes.record(conn, job, status=FineTuneStatus.SUCCEEDED, fine_tuned_model=model)
        taught.add(conn, job, texts)
        taught.inherit(conn, job, base)


def known_to(project, model="ft:one"):
    """The texts among the project's items that the model is taken to know."""
    annotator = project.model(model, Split.TEST)
    with project.wb.db.read() as conn:
        return {project.items()[item] for item in taught_items(conn, annotator)}


@pytest.mark.parametrize(
    ("learned", "copy"),
    [
        ("please where is my new card today", "please where is my old card today"),
        ("the parcel arrived broken and nobody answers the phone", "The parcel arrived broken and nobody answers"),
        ("我的银行卡什么时候才能寄到家里来", "我的银行卡什么时候才能寄到公司来"),
        ("บัตรใหม่ของฉันจะมาถึงเมื่อไหร่ครับ", "บัตรใหม่ของผมจะมาถึงเมื่อไหร่ครับ"),
        ("где сейчас находится моя новая карта банка", "Где сейчас находится моя старая карта банка?"),
        ("the café near the old station closes early", "the cafe\u0301 near the old station closes late"),
        ("where is my new card", "  ＷＨＥＲＥ   is my new card!"),
    ],
)
def test_a_near_copy_of_what_was_taught_in_another_project_is_left_out(workbench, learned, copy):
    first, second = project_of(workbench, "First", [learned]), project_of(workbench, "Second", [copy])
    tuned_on(first, [learned])
    assert known_to(second) == {copy}


def test_texts_that_share_a_template_with_what_was_taught_are_not_near_copies(workbench):
    frame = " ".join(f"legal{i}" for i in range(60))
    mails = [f"dear{i} please{i} send{i} {frame}" for i in range(40)]
    first, second = project_of(workbench, "First", mails[:20]), project_of(workbench, "Second", mails[20:])
    tuned_on(first, mails[:20])
    assert known_to(second) == set()


def test_what_the_base_model_was_taught_in_a_third_project_is_known_in_nearly_the_same_words_too(workbench):
    learned, copy = "please where is my new card today", "please where is my old card today"
    first, second = project_of(workbench, "First", [learned]), project_of(workbench, "Second", [])
    third = project_of(workbench, "Third", [copy])
    tuned_on(first, [learned])
    tuned_on(second, [OTHERS[0]], model="ft:two", base="ft:one")
    assert known_to(third, "ft:two") == {copy}


def test_a_near_copy_dealt_with_a_taught_item_into_test_is_left_out_and_said(workbench):
    learned, copy = "please where is my new card today", "please where is my old card today"
    project = project_of(workbench, "One", [learned, copy, "something else that nobody was taught so far"])
    tuned_on(project, [learned])
    assert known_to(project) == {learned, copy}
    [model] = [one.id for one in workbench.projects.annotators(project.id) if one.model == "ft:one"]
    [said] = workbench.agreement.view(project.id, project.gold, [model], Split.TEST).candidates
    assert (said.n, said.taught) == (21, 2)
    assert said.taught_sentence() == "2 of 23 items left out: the model learned from them or nearly the same text."


def test_a_near_copy_in_a_project_that_was_not_dealt_yet_is_left_out_too(workbench):
    learned, copy = "please where is my new card today", "please where is my old card today"
    first = project_of(workbench, "First", [learned])
    tuned_on(first, [learned])
    rows = [(learned, "A"), (copy, "B"), *((text, "A") for text in OTHERS)]
    second = workbench.data.import_table(TableData(("text", "gold"), rows), ImportChoice("Two", ("text",), ("gold",)))
    [gold] = [one.id for one in workbench.projects.annotators(second)]
    project = SmallProject(workbench, second, first.version_id, gold, gold)
    assert known_to(project) == {learned, copy}
