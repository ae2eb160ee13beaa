"""Which of two candidates is better. They are read from the message (`core.embedded.candidates`).

Untrained, the better candidate is the one nearer to what was asked of the two. With d = the difference of their
cosines,

    P(an outcome better for the first than the boundary m) = sigmoid((d - STEP * m) / T)

where boundaries lie between the outcomes' favours (from -2, "second is much better", to 2). That knows relevance and
nothing of quality; a tuned model learns from the measures of both and from their vectors.
"""

import numpy as np

from core.embedded import classifier
from core.embedded.asked import Ask
from core.embedded.candidates import Candidates, candidates_in, measured
from core.embedded.classifier import Probabilities
from core.embedded.dataset import Messages
from core.embedded.encoder import Array
from core.embedded.errors import bad_request
from core.embedded.formats import Format
from core.embedded.heads.scale import PreferenceHead
from core.embedded.heads.scaling import sigmoid
from core.embedded.kinds import rating
from core.embedded.kinds.one_label import drawn, offered, understand
from core.embedded.scales import favour_of
from core.embedded.senses import Senses
from core.embedded.steps import Steps

STEP = 0.1


def is_asked(messages: Messages, shape: Format) -> bool:
    """Whether outcomes are offered that say which of two is better: by a property "better", or about two candidates."""
    if not shape.choices or (shape.property != "better" and _shown(messages) is None):
        return False
    favours = [favour for choice in shape.choices if (favour := favour_of(choice.name)) is not None]
    return any(favour > 0 for favour in favours) and any(favour < 0 for favour in favours)


async def answers(ask: Ask, shape: Format, head: PreferenceHead | None, senses: Senses) -> list[Steps]:
    """400 where the two are not shown."""
    shown = _shown(ask.messages)
    if shown is None:
        raise bad_request(
            "The two candidates were not found: show them in the last message as <first>..</first> and "
            "<second>..</second>.",
            "messages",
        )
    rows = await perceived(shown, senses)
    if head is None:
        names = [choice.name for choice in understand(ask.messages, shape.choices)[0]]
        return drawn(names, _untrained(names, float(rows[0, 0] - rows[1, 0])), shape, ask.options)
    names, positions = offered(shape.choices, head.labels)
    p = head.probabilities(rows[:1] - rows[1:])[0]
    return drawn(names, rating.among(p, positions), shape, ask.options)


async def perceived(shown: Candidates, senses: Senses) -> Array:
    """A row of measures and vector a candidate."""
    vectors = await senses.embed([shown.asked, *shown.texts])
    return measured(shown, vectors[1:], vectors[0])


def _untrained(names: list[str], difference: float) -> Probabilities:
    favour = {name: score for name in names if (score := favour_of(name)) is not None}
    ordered = sorted(favour, key=lambda name: favour[name])
    scores = np.array([favour[name] for name in ordered])
    above = sigmoid((difference - STEP * (scores[:-1] + scores[1:]) / 2) / classifier.TEMPERATURE)
    p = dict(zip(ordered, -np.diff(above, prepend=1.0, append=0.0), strict=True))
    return np.array([p.get(name, 0.0) for name in names])


def _shown(messages: Messages) -> Candidates | None:
    shown = candidates_in(last_message(messages))
    return shown if shown and shown.names == ("first", "second") else None


def last_message(messages: Messages) -> str:
    return next((message["content"] for message in reversed(messages) if message["role"] == "user"), "")


def said_of(messages: Messages) -> str:
    """Raises ValueError with what is wrong with the line."""
    if _shown(messages[:-1]) is None:
        raise ValueError("the two candidates are not shown as <first>..</first> and <second>..</second>")
    return rating.said_of(messages, "better")
