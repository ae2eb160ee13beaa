"""What somebody says with its labels called otherwise, whatever the kind of question."""

from collections.abc import Callable

from core.model import Said, Span
from core.spelling import fold


def renamed(said: Said, name: Callable[[str], str]) -> Said:
    """The same with other names; what is called nothing goes, and two that become one are one."""
    if isinstance(said, str):
        return name(said)
    kept = (_renamed(one, name) for one in said)
    return tuple(dict.fromkeys(one for one in kept if one))


def _renamed(one: Said, name: Callable[[str], str]) -> Said:
    if isinstance(one, Span):
        label = name(one.label)
        return one._replace(label=label) if label else ()
    return renamed(one, name)


def alike(said: Said) -> Said:
    """Equal for what says the same but for how a name is written."""
    return fold(said) if isinstance(said, str) else renamed(said, fold)
