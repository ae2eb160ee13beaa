"""The SDK's exceptions as sentences for the user: what we tried, what the host said, what to do."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import WorkbenchError
from core.host_refusals import NotYet, Unanswered, wanted_by
from core.hosts.incoming import ours_behind
from core.hosts.wire_json import read_json

_LONGEST = 500


class Gone(WorkbenchError):
    """The host does not know what was asked for any more."""


class Explaining:
    """Raises every trouble within its context as a `WorkbenchError`, whose cause is the SDK's exception.

    `hide` takes the host's key out of what it says. `NotYet` is raised where the host wants to be asked later, with
    `may_have_worked` `Unanswered` where the host may have done it all the same, with `may_be_gone` `Gone` for a 404.
    """

    def __init__(self, hide: Callable[[str], str]) -> None:
        self._hide = hide

    @contextmanager
    def __call__(self, what: str, *, may_have_worked: bool = False, may_be_gone: bool = False) -> Iterator[None]:
        import openai

        unsure = Unanswered if may_have_worked else WorkbenchError
        try:
            yield
        except openai.APIConnectionError as error:
            self._clean(error)
            if (ours := ours_behind(error)) is not None:
                raise unsure(f"Could not {what}: {ours.message}", ours.hint) from error
            raise unsure(f"Could not {what}: the host cannot be reached.", "Is it running?") from error
        except openai.APIStatusError as error:
            self._clean(error)
            raise self._refusal(what, error, may_have_worked, may_be_gone) from error
        except (openai.OpenAIError, ValueError, AttributeError, TypeError, KeyError) as error:
            self._clean(error)
            said = f"Could not {what}: the host's answer does not follow the OpenAI protocol."
            raise unsure(said, "Check the address.") from error
        except OSError as error:
            raise WorkbenchError(f"Could not {what}: {error.strerror or error}.", "Is the disk full?") from error

    def _refusal(self, what: str, error: Any, may_have_worked: bool, may_be_gone: bool) -> WorkbenchError:
        if error.status_code == 401:
            return WorkbenchError(f"Could not {what}: the host refused the key.", "Check the key.")
        if error.status_code == 403 and getattr(error, "code", "") == "training_not_available":
            return WorkbenchError("The host no longer offers fine-tuning to this account.", "Choose another host.")
        said = f"Could not {what}: {self._hide(_said(error))[:_LONGEST]}"
        if may_be_gone and error.status_code == 404:
            return Gone(said)
        if may_have_worked and (error.status_code >= 500 or error.status_code == 408):
            return Unanswered(said)
        wait = wanted_by(error)
        return WorkbenchError(said) if wait is None else NotYet(said, wait.seconds)

    def _clean(self, error: BaseException) -> None:
        """Whoever logs its traceback must not log a key that the host has repeated."""
        error.args = tuple(self._hide(str(said)) for said in error.args)


def _said(error: Any) -> str:
    try:
        body = error.body if isinstance(error.body, Mapping) else read_json(error.response.content)
    except (ValueError, RecursionError):
        body = {}
    return str((body.get("message") if isinstance(body, Mapping) else None) or error.message)
