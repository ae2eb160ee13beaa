"""Templates: `{{name}}` stands for a value, everything else is sent as it is written.

Variables every prompt knows: `{{text}}` (the item's text), those of the kind of question (`{{labels}}` ..., or
`{{candidates}}`, written for each item), `{{guidelines}}`; and one for each other field of the items, by its name.

`{{messages:name}}` in the user message puts the conversation in a field there as messages with their roles: what stands
before it is a message before them, what stands behind it the last one. In worked examples it is a transcript, so that
nobody takes one conversation for the beginning of the next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from core.content import content_of, text_of
from core.errors import WorkbenchError
from core.model import Content, Example, FieldShow, Item, MediaPart, Message
from core.prompts.talk import MESSAGES, field_of, is_messages, messages_in
from core.prompts.transcript import transcript

Fill = Callable[[str, Mapping[str, str]], str]
"""From an item's (or example's) text and fields to what stands for a variable."""
Asking = Callable[[str, Mapping[str, str]], Content]
"""The same for a message's content."""
Talk = Callable[[str, Mapping[str, str]], list[Message]]
"""The same for messages."""
Shows = Mapping[str, FieldShow]
"""How the variables that are no text are shown; `text` is the item's own."""


@dataclass(frozen=True)
class TemplateProblem:
    """`blocks` where the prompt cannot be saved or run as it stands."""

    message: str
    blocks: bool = True


def variables_in(*templates: str) -> list[str]:
    """Names of the variables used, each once, in order of appearance."""
    return list(dict.fromkeys(name for template in templates for name in _parts(template)[1::2]))


def _parts(template: str) -> list[str]:
    """Literal, variable, literal, ...: begins and ends with a literal.

    By hand, in one pass over the text: a pattern would look for the end of each `{{` anew.
    """
    parts, place = [], 0
    while (opened := template.find("{{", place)) >= 0 and (closed := template.find("}}", opened + 2)) >= 0:
        parts += [template[place:opened], template[opened + 2 : closed].strip()]
        place = closed + 2
    return [*parts, template[place:]]


def known_variables(of_kind: Sequence[str], fields: Sequence[str], of_item: Sequence[str] = ()) -> tuple[str, ...]:
    """All that a prompt can name, given what the kind of question adds and the items' fields."""
    return ("text", *of_item, *of_kind, "guidelines", *(name for name in fields if name not in of_item))


def check_template(
    system: str,
    user: str,
    of_kind: Sequence[str],
    fields: Sequence[str] = (),
    of_item: Sequence[str] = (),
    shows: Shows | None = None,
) -> list[TemplateProblem]:
    """What is wrong with a prompt, most serious first; empty where nothing is. `of_kind` are the variables of the kind
    of question, one of which says what can be answered; `of_item` those that it writes for each item, all needed.
    A field that `shows` names as a picture, sound or conversation may stand for the text."""
    shows = shows or {}
    known = known_variables(of_kind, fields, of_item)
    used = variables_in(system, user)
    problems = [_unknown(name, known) for name in used if field_of(name) not in known]
    problems += [*_misplaced(system, user, shows), *_of_messages(system, user, of_kind)]
    if "text" not in map(field_of, used) and not any(name in shows or is_messages(name) for name in used):
        problems.insert(0, TemplateProblem("{{text}} is missing: without it the model never sees the item."))
    problems += [
        TemplateProblem(f"{{{{{name}}}}} is missing: without it the model never sees the {name}.")
        for name in of_item
        if name not in used
    ]
    if not user.strip():
        problems.append(TemplateProblem("The user message is empty: put {{text}} in it."))
    if of_kind and not {*of_kind} & {*used}:
        missing = f"{{{{{of_kind[0]}}}}} is missing: the model is not told what the {of_kind[0]} mean."
        problems.append(TemplateProblem(missing, blocks=False))
    for template, where in ((system, "system"), (user, "user")):
        if template.count("{{") != template.count("}}"):
            problems.append(TemplateProblem(f"In the {where} message a variable is opened or closed only once."))
    return problems


def _misplaced(system: str, user: str, shows: Shows) -> list[TemplateProblem]:
    """Pictures and sound where no host takes them, and films."""
    problems = [
        TemplateProblem(
            f"{{{{{name}}}}} is a {shows[name]}: put it in the user message, the only one that can show it."
        )
        for name in variables_in(system)
        if name in shows and shows[name].is_file
    ]
    films = [name for name in variables_in(system, user) if shows.get(name) is FieldShow.FILM]
    return problems + [
        TemplateProblem(f"{{{{{name}}}}} is a film, which models cannot be sent. Name a picture of it.")
        for name in films
    ]


def _of_messages(system: str, user: str, of_kind: Sequence[str]) -> list[TemplateProblem]:
    """Conversations as messages where they cannot stand, and where nothing asks about them."""
    names = [name for name in _parts(user)[1::2] if is_messages(name)]
    problems = [
        TemplateProblem(f"{{{{{name}}}}} stands for messages of their own: put it in the user message.")
        for name in variables_in(system)
        if is_messages(name)
    ]
    if len(names) > 1:
        other = field_of(names[1])
        text = f"One conversation can be sent as messages: write {{{{{other}}}}} for the other, which is a transcript."
        problems.append(TemplateProblem(text))
    elif names and of_kind and not _around(user)[2].strip():
        text = f"Nothing stands below {{{{{names[0]}}}}}: the model is left to continue the conversation. Ask there."
        problems.append(TemplateProblem(text, blocks=False))
    return problems


def _around(user: str) -> tuple[str, str, str]:
    """What stands before the conversation, the variable that names it, and what stands behind; "" and "" and all of it
    where there is none."""
    parts = _parts(user)
    at = next((place for place in range(1, len(parts), 2) if is_messages(parts[place])), None)
    return ("", "", user) if at is None else (_whole(parts[:at]), parts[at], _whole(parts[at + 1 :]))


def _whole(parts: Sequence[str]) -> str:
    """The template of these parts, which begin with a literal."""
    return "".join(f"{{{{{part}}}}}" if place % 2 else part for place, part in enumerate(parts))


def _unknown(name: str, known: Sequence[str]) -> TemplateProblem:
    near = get_close_matches(field_of(name), known, n=1)
    meant = (
        f" Did you mean {{{{{MESSAGES if is_messages(name) else ''}{near[0]}}}}}?"
        if near
        else f" Known: {', '.join('{{' + k + '}}' for k in known)}."
    )
    return TemplateProblem(f"{{{{{name}}}}} is not a variable.{meant}")


@dataclass(frozen=True)
class CompiledPrompt:
    """A prompt with everything filled in that does not change from item to item.

    `fixed` are the messages that are the same for every item: all but the last, unless the system message names the
    item. `fields` is what of the item it names, other than the text. `own` is the hot path of a run: it touches only
    what depends on the item.
    """

    fixed: tuple[Message, ...]
    fields: frozenset[str]
    _user: Asking
    _system: Asking | None = None
    _examples: tuple[Message, ...] = ()
    _talk: Talk | None = None
    """The messages before the last that depend on the item, where there are any."""

    @property
    def differs_at_its_end_alone(self) -> bool:
        """Whether all that depends on the item is the last message, which `asking` gives."""
        return self._system is None and self._talk is None

    @property
    def sends_messages(self) -> bool:
        """Whether a conversation is among its messages, which are then as many as it has."""
        return self._talk is not None

    def asking(self, text: str, fields: Mapping[str, str]) -> Content:
        """What the last message says."""
        return self._user(text, fields)

    def render(self, item: Item) -> list[Message]:
        """System message (left out where empty), worked examples, the item last: hosts can then cache the head."""
        return [*self.fixed, *self.own(item)]

    def own(self, item: Item) -> list[Message]:
        """The messages after `fixed`: at least the one that asks about the item."""
        return self.about(item.text, item.fields)

    def about(self, text: str, fields: Mapping[str, str]) -> list[Message]:
        """The same, of an item's text and its other fields."""
        asking = [Message("user", self._user(text, fields))]
        if self._talk is not None:
            before = self._talk(text, fields)
            asking = [*before, *(asking if not before or text_of(asking[0].content).strip() else ())]
        if self._system is None:
            return asking
        return [*_system_message(self._system(text, fields)), *self._examples, *asking]


def compile_prompt(
    system: str,
    user: str,
    examples: Sequence[tuple[Example, str]],
    fixed: Mapping[str, str],
    of_item: Mapping[str, Fill] | None = None,
    shows: Shows | None = None,
) -> CompiledPrompt:
    """`examples` each with its right answer; `fixed` are the variables that are the same for every item, `of_item`
    write those of an item that are not just a field of it. A picture or sound among `shows` becomes a part at its
    place; an item without it has nothing there."""
    before, talks, behind = _around(user)
    fill_system, fill_whole, fill_before, fill_user = (
        _compile(template, fixed, of_item or {}, shows or {})
        for template in (system, user, before.rstrip(), behind.lstrip())
    )
    talk = _talk_of(talks, fill_before, leads=not system.strip() and not before.strip()) if talks else None
    if talk is None:
        fill_user = fill_whole
    shown = tuple(
        message
        for example, answer in examples
        for message in (
            Message("user", fill_whole(example.text, example.fields)),
            Message("assistant", answer),
        )
    )
    named = frozenset(map(field_of, variables_in(system, user))) - {"text", *fixed}
    if set(variables_in(system)) - set(fixed):
        return CompiledPrompt((), named, fill_user, fill_system, shown, talk)
    return CompiledPrompt((*_system_message(fill_system("", {})), *shown), named, fill_user, _talk=talk)


def _talk_of(name: str, before: Asking, *, leads: bool) -> Talk:
    """The conversation that the variable names, behind what stands before it; it `leads` where nothing does."""
    field = field_of(name)
    own = _of_field(field)

    def talk(text: str, fields: Mapping[str, str]) -> list[Message]:
        lead = before(text, fields)
        said = messages_in(text if field == "text" else own(text, fields), leads=leads)
        return [*([Message("user", lead)] if text_of(lead).strip() else []), *said]

    return talk


def _system_message(content: Content) -> tuple[Message, ...]:
    return (Message("system", content),) if text_of(content).strip() else ()


def _compile(template: str, fixed: Mapping[str, str], of_item: Mapping[str, Fill], shows: Shows) -> Asking:
    parts = _parts(template)
    literals, names = parts[0::2], parts[1::2]
    # Fill the fixed ones once; what is left alternates literal, item variable, literal, ...
    kept: list[str] = [literals[0]]
    variables: list[str] = []
    for name, literal in zip(names, literals[1:], strict=True):
        if name in fixed:
            kept[-1] += fixed[name] + literal
        else:
            variables.append(name)
            kept.append(literal)
    shown = {name for name in variables if name in shows and shows[name].is_file}
    talks = {name for name in variables if is_messages(name) or shows.get(name) is FieldShow.CONVERSATION}
    if variables == ["text"] and not shown and not talks:
        before, after = kept
        return lambda text, _: before + text + after

    own = {name: of_item.get(name) or _of_field(field_of(name)) for name in variables}

    def filled(text: str, fields: Mapping[str, str]) -> list[str]:
        parts = [kept[0]]
        for name, literal in zip(variables, kept[1:], strict=True):
            value = text if field_of(name) == "text" else own[name](text, fields)
            parts += [transcript(value) if name in talks else value, literal]
        return parts

    if not shown:
        return lambda text, fields: "".join(filled(text, fields))
    places = {2 * at + 1 for at, name in enumerate(variables) if name in shown}

    def with_media(text: str, fields: Mapping[str, str]) -> Content:
        parts = filled(text, fields)
        return content_of([MediaPart(part) if at in places and part else part for at, part in enumerate(parts)])

    return with_media


def _of_field(name: str) -> Fill:
    def field(text: str, fields: Mapping[str, str]) -> str:
        try:
            return fields[name]
        except KeyError:
            raise WorkbenchError(
                f"The prompt asks for {{{{{name}}}}}, which this item does not have.",
                "Correct the variable, or import the items with that column.",
            ) from None

    return field
