"""The Projects page."""

from core.model import QuestionKind
from core.workbench import Workbench
from tests.fakes.worlds import make_project
from tests.pages.conftest import OpenApp, Small, add_fine_tune, texts


def names(at):
    """The projects on cards, in their order."""
    titles = (one.proto.label for one in at.get("page_link") if one.proto.page == "data" and one.proto.label != "Data")
    return [title.strip("*") for title in titles]


def pressed(at, label, **where):
    found = [one for one in at.button if one.label == label]
    return next(one for one in found if all(getattr(one, k) == v for k, v in where.items())).click().run()


def test_a_removed_project_is_undone_where_it_was_removed_even_from_an_empty_list(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    at = pressed(app("projects"), "Remove")
    assert wb.projects.all() == [] and "Small was removed from the list" in texts(at)
    at = pressed(at, "Undo")
    assert not at.exception
    assert [one.name for one in wb.projects.all()] == ["Small"]
    assert "was removed from the list" not in texts(at) and not at.expander
    assert at.session_state["project"] == str(small.id)


def test_removing_a_project_says_how_much_under_way_was_told_to_stop(app: OpenApp, small: Small, wb: Workbench) -> None:
    add_fine_tune(wb, small)
    at = pressed(app("projects"), "Remove")
    assert [toast.value for toast in at.toast] == ["Its runs and fine-tunes that are being stopped: 1"]


def test_removed_projects_can_be_restored_in_another_session(app: OpenApp, small: Small, wb: Workbench) -> None:
    wb.projects.remove(small.id)
    at = app("projects")
    assert [one.label for one in at.expander] == ["Removed projects (1)"]
    at = pressed(at, "Restore", key=f"restore-{small.id}")
    assert not at.exception and not at.expander
    assert [one.name for one in wb.projects.all()] == ["Small"]


def test_a_project_is_renamed_on_its_card_and_a_taken_name_is_refused(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    wb.demo.create()
    other = next(one for one in wb.projects.all() if one.id != small.id)
    at = app("projects")
    at.text_input(f"name-{small.id}-Small").set_value(other.name)
    at = pressed(at, "Rename", form_id=f"rename-{small.id}")
    assert "There is already a project" in texts(at)
    at.text_input(f"name-{small.id}-Small").set_value("Ärzte")
    at = pressed(at, "Rename", form_id=f"rename-{small.id}")
    assert wb.projects.get(small.id).name == "Ärzte"
    assert "**Ärzte**" in [one.proto.label for one in at.get("page_link")]


def test_the_demo_guide_offers_the_next_step_and_every_other(app: OpenApp, wb: Workbench) -> None:
    demo = wb.demo.create()
    at = app("projects")
    assert not at.exception
    assert "Through the loop with the demo" in texts(at) and "3 of 8 done" in texts(at)
    assert at.button(f"guide-next-{demo}").label == wb.progress.of(demo).next.todo


def test_of_many_projects_those_last_worked_on_stand_first_and_the_others_are_found_by_their_names(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    for number in range(13):
        make_project(wb, 3, f"Other {number}")
    wb.prompts.save(small.id, "Choose exactly one of {{label_names}}.", "{{text}}", "newest")
    at = app("projects")
    assert names(at) == ["Small", *(f"Other {number}" for number in range(12, 1, -1))]
    at = pressed(at, "Show all 14 projects")
    assert len(names(at)) == 14
    at.text_input("projects-search").set_value("1 OTHER").run()
    assert names(at) == ["Other 12", "Other 11", "Other 10", "Other 1"]
    at.text_input("projects-search").set_value("none such").run()
    assert names(at) == [] and "No project has these words" in texts(at)


def test_a_project_is_made_from_the_task_file_of_another_and_leads_to_its_first_file(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    wb.projects.ask_further(small.id, "How severe?", QuestionKind.RATING, ["low", "high"])
    written = wb.task_files.written(small.id)
    at = app("projects")
    at.file_uploader(key="task-file").upload("task.json", written.encode(), "application/json").run()
    assert "How severe?: A rating, 2 labels" in texts(at)
    assert next(one for one in at.text_input if one.label == "Name").value == "Small 2"
    pressed(at, "Make the project")
    assert not at.exception
    (made,) = wb.projects.found("Small 2")
    assert [one.question for one in wb.projects.questions(made.id)][1] == "How severe?"
    assert (at.query_params["project"], at.query_params["add"]) == (str(made.id), "1")
    assert "Add a file" in texts(at)


def test_a_file_that_is_no_task_is_refused_in_one_sentence_and_makes_nothing(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    at = app("projects")
    at.file_uploader(key="task-file").upload("task.json", b"[1]", "application/json").run()
    assert "the file is not an object" in texts(at) and len(wb.projects.all()) == 1


def test_every_page_opens_on_a_project_that_has_questions_and_no_items_yet(
    app: OpenApp, small: Small, wb: Workbench
) -> None:
    wb.projects.ask_further(small.id, "How severe?", QuestionKind.RATING, ["low", "high"])
    made = wb.task_files.make(wb.task_files.written(small.id), "Made")
    pages = ("data", "task", "prompts", "runs", "review", "agreement", "fine_tune", "compare", "export")
    broken = {
        name: [one.message for one in at.exception] for name in pages if (at := app(name, project=made)).exception
    }
    assert broken == {}
    assert "Add a file" in texts(app("data", project=made, add=1))
