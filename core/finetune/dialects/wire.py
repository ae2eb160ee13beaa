"""What dialects have in common at the wire: JSON over the SDK's client, every trouble a sentence."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

from core.errors import WorkbenchError

Fields = Mapping[str, Any]
_PAGES = 100


def is_gone(cause: BaseException | None) -> bool:
    """Whether the host knows nothing by that name."""
    return getattr(cause, "status_code", 0) == 404


class Wire:
    """One connection to a host. Every trouble with it is a `WorkbenchError`, or `NotYet` where it is to be asked later.

    `client` is the SDK's `OpenAI`; `hide` takes its key out of what a host says; `explained` makes sentences of its
    exceptions, whose causes they are. Paths stand behind the client's base address.
    """

    def __init__(
        self, client: object, hide: Callable[[str], str], explained: Callable[..., AbstractContextManager[None]]
    ) -> None:
        from openai import OpenAI

        assert isinstance(client, OpenAI)
        self.hide, self._explained, self._client = hide, explained, client

    def get(self, what: str, path: str, **query: Any) -> Fields:
        """`what` says in the words of a sentence what is tried; nothing of `query` that is None is sent."""
        with self._explained(what):
            return _object(self._client.get(path, cast_to=object, options={"params": _given(query)}))

    def post(self, what: str, path: str, body: Fields | None = None, *, once: bool = False, **query: Any) -> Fields:
        """With `once` never retried: the answer may be lost after what was asked for, and costs money, was done."""
        client = self._client.with_options(max_retries=0) if once else self._client
        with self._explained(what):
            options: Any = {"params": _given(query)}
            return _object(client.post(path, body=dict(body or {}), cast_to=object, options=options) or {})

    def patch(self, what: str, path: str, body: Fields) -> Fields:
        with self._explained(what):
            return _object(self._client.patch(path, body=dict(body), cast_to=object) or {})

    def delete(self, what: str, path: str, **query: Any) -> None:
        """Nothing happens where there is none."""
        try:
            with self._explained(what):
                self._client.delete(path, cast_to=object, options={"params": _given(query)})
        except WorkbenchError as error:
            if not is_gone(error.__cause__):
                raise

    def upload(self, what: str, path: str, name: str, content: BinaryIO, **fields: str) -> Fields:
        """A file with its form's other fields, read piece by piece."""
        with self._explained(what):
            return _object(
                self._client.post(
                    path,
                    body=fields,
                    files=[("file", (name, content, "application/jsonl"))],
                    options={"headers": {"Content-Type": "multipart/form-data"}},
                    cast_to=object,
                )
            )

    def text(self, what: str, path: str, **query: Any) -> str:
        """The content of a file at the host, or at an address that it gave."""
        with self._explained(what):
            return str(self._client.get(path, cast_to=str, options={"params": _given(query)}))

    def pages(self, what: str, path: str, **query: Any) -> Iterator[Fields]:
        """Every entry of a list of the OpenAI protocol, each once.

        Some hosts say nothing of `has_more` and ignore `after`, on which the SDK's pager never ends: a page that
        brings nothing new is the last one.
        """
        seen: set[str] = set()
        after: str | None = None
        for _ in range(_PAGES):
            answer = self.get(what, path, **query, after=after)
            page = [one for one in answer.get("data") or () if isinstance(one, Mapping)]
            fresh = [one for one in page if not one.get("id") or str(one["id"]) not in seen]
            yield from fresh
            seen.update(str(one["id"]) for one in fresh if one.get("id"))
            after = str(page[-1].get("id") or "") if page else ""
            if not fresh or not after or answer.get("has_more") is False:
                return

    def beside(self, path: str) -> str:
        """The address of what lies beside the base address: `/v0/models` on a host whose base ends in `/v1`."""
        url = self._client.base_url
        return str(url.copy_with(path=url.path.rstrip("/").rpartition("/")[0] + "/" + path.lstrip("/")))


def _given(query: Fields) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _object(answer: Any) -> Fields:
    if not isinstance(answer, Mapping):
        raise TypeError("no object")
    return answer
