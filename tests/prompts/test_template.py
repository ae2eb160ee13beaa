"""Templates: named variables filled in once, everything else sent as it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WorkbenchError
from core.model import Example, Item, Label, Message, Task
from core.prompts import check_template, variables_in
from core.services.asking.compiling import compiled
from core.tasks.label_prompt import variables

TASK = Task((Label("A", "the first\n  letter"), Label("B")), Label("NONE", is_fallback=True), " Be quick. ")


def rendered(system, user, item=Item(1, "hello"), examples=()):  # noqa: B008 - frozen
    return compiled(system, user, examples, TASK).render(item)


def checked(system, user, fields=()):
    return check_template(system, user, list(variables(TASK)), fields)


def test_the_text_is_filled_in():
    assert rendered("Sort.", "Say: {{text}}!") == [Message("system", "Sort."), Message("user", "Say: hello!")]


def test_labels_are_one_a_line_with_descriptions_and_the_fallback_last():
    assert rendered("{{labels}}", "{{text}}")[0].content == (
        "- A: the first letter\n- B\n- NONE: only if none of the labels above fits"
    )


def test_label_names_come_without_descriptions():
    assert rendered("{{ label_names }}", "{{text}}")[0].content == "- A\n- B\n- NONE"


def test_guidelines_are_trimmed():
    assert rendered("<{{guidelines}}>", "{{text}}")[0].content == "<Be quick.>"


def test_a_column_is_a_variable():
    item = Item(1, "hello", fields={"Source name": "BBC"})
    assert rendered("", "{{text}} ({{Source name}})", item) == [Message("user", "hello (BBC)")]


def test_a_column_the_item_lacks_is_a_sentence():
    with pytest.raises(WorkbenchError, match="asks for {{source}}"):
        rendered("", "{{text}} {{source}}")


def test_what_a_text_says_is_never_taken_for_a_variable():
    item = Item(1, "{{labels}} {{other}}", fields={"other": "{{text}}"})
    assert rendered("", "{{text}}|{{other}}", item)[0].content == "{{labels}} {{other}}|{{text}}"


def test_examples_stand_before_the_item_and_are_asked_the_same_way():
    shown = Example(9, "an old one", "A", {"c": "red"})
    messages = rendered("S", "{{text}} {{c}}", Item(1, "new", fields={"c": "blue"}), [shown])
    assert [(m.role, m.content) for m in messages] == [
        ("system", "S"),
        ("user", "an old one red"),
        ("assistant", '{"label": "A"}'),
        ("user", "new blue"),
    ]


def test_an_empty_system_message_is_left_out():
    assert [message.role for message in rendered("  \n", "{{text}}")] == ["user"]


@given(st.text(), st.text(alphabet=st.characters(exclude_characters="{}")))
def test_a_template_without_variables_is_sent_letter_for_letter(text, template):
    messages = rendered("", template + "{{text}}" + template, Item(1, text))
    assert messages[-1].content == template + text + template


# checking


def test_a_good_prompt_has_no_problems():
    assert checked("{{labels}} {{guidelines}}", "{{text}} {{source}}", ["source"]) == []


BAD = {
    "{{text}} is missing": ("{{labels}}", "hello", ()),
    "{{txet}} is not a variable. Did you mean {{text}}?": ("{{labels}}", "{{text}}{{txet}}", ()),
    "{{colour}} is not a variable. Known:": ("{{labels}}", "{{text}}{{colour}}", ("source",)),
    "The user message is empty": ("{{labels}}{{text}}", " ", ()),
    "In the user message a variable is opened or closed only once": ("{{labels}}", "{{text}} {{", ()),
    "In the system message a variable is opened or closed only once": ("{{labels}} }}", "{{text}}", ()),
}


@pytest.mark.parametrize("said", BAD)
def test_a_prompt_that_cannot_be_run_says_why(said):
    assert any(problem.blocks and said in problem.message for problem in checked(*BAD[said]))


def test_a_prompt_that_names_no_labels_is_warned_about_but_may_be_saved():
    (problem,) = checked("Sort.", "{{text}}")
    assert not problem.blocks
    assert "{{labels}} is missing" in problem.message


def test_variables_are_listed_once_in_order():
    assert variables_in("{{b}} {{ a }}", "{{b}}{{c d}}") == ["b", "a", "c d"]


@given(st.text(), st.text())
def test_a_prompt_without_blocking_problems_can_be_compiled_and_rendered(system, user):
    if not any(problem.blocks for problem in checked(system, user + "{{text}}")):
        assert "hello" in rendered(system, user + "{{text}}")[-1].content


@pytest.mark.parametrize("piece", ["{{", "{{ ", " ", "{{ }} ", "{", "}}", "{{a"])
def test_a_prompt_of_any_length_is_read_in_one_pass(piece):
    """With a pattern that looks again for each beginning this takes from minutes to days."""
    template = "{{" + piece * 300_000
    checked("{{labels}}", template)
    assert "text" in variables_in(template + "}}{{ text }}")


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{{}}", [""]),
        ("{{ a }}{{b}}", ["a", "b"]),
        ("{{{a}}}", ["{a"]),
        ("{{a {{b}}", ["a {{b"]),
        ("{{a}", []),
        ("}}{{a\n}}", ["a"]),
    ],
)
def test_what_stands_between_braces_is_a_variable(template, names):
    assert variables_in(template) == names
