"""Other ways of asking the same questions, each a program of its own, so that what it costs is its own.

Usage: python -m tests.benchmarks.rivals NAME BASE_URL N IN_FLIGHT FOLDER
It says "ready" once everything is imported, labels when told anything, says "done", and ends when its input does.
"""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.texts import LABELS, labelled_texts

SYSTEM = "Choose a label:\n" + "\n".join(f"- {label}" for label in (*LABELS, "UNABLE_TO_CLASSIFY"))
_COMMIT_SECONDS = 0.02


@dataclass(frozen=True)
class Work:
    url: str
    in_flight: int
    texts: list[str]
    folder: Path


def question(text: str) -> dict[str, Any]:
    """What the product asks about an item, parameter for parameter."""
    properties = {"label": {"type": "string", "enum": [*LABELS, "UNABLE_TO_CLASSIFY"]}}
    schema = {"type": "object", "properties": properties, "required": ["label"], "additionalProperties": False}
    return {
        "model": "bench",
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}],
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "annotation", "strict": True, "schema": schema},
        },
        "logprobs": True,
        "top_logprobs": 5,
    }


async def in_parallel(in_flight: int, texts: Iterable[str], ask: Callable[[str], Awaitable[None]]) -> None:
    """`in_flight` askers that take one text after another: no queue, no task per item."""
    left = iter(texts)

    async def keep_asking() -> None:
        for text in left:
            await ask(text)

    await asyncio.gather(*(keep_asking() for _ in range(in_flight)))


def bare(work: Work) -> None:
    """aiohttp and nothing else: the body is a text between two pieces of bytes, the answer is read and dropped."""
    asyncio.run(_bare(work, lambda text, content: None))


async def _bare(work: Work, take: Callable[[str, bytes], None], texts: Iterable[str] | None = None) -> None:
    import aiohttp

    before, after = json.dumps(question("\0")).encode().split(json.dumps("\0")[1:-1].encode())
    headers = {"Content-Type": "application/json", "Authorization": "Bearer none"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def ask(text: str) -> None:
            data = before + json.dumps(text)[1:-1].encode() + after
            async with session.post(f"{work.url}/chat/completions", data=data) as response:
                take(text, await response.read())

        await in_parallel(work.in_flight, work.texts if texts is None else texts, ask)


def waiting(work: Work) -> None:
    """The same, and a refused call alone waits as long as it is told; the others go on as they are."""
    asyncio.run(_waiting(work))


async def _waiting(work: Work) -> None:
    import aiohttp

    before, after = json.dumps(question("\0")).encode().split(json.dumps("\0")[1:-1].encode())
    slots = asyncio.Semaphore(work.in_flight)
    connector = aiohttp.TCPConnector(limit=0)
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def ask(text: str) -> None:
            data = before + json.dumps(text)[1:-1].encode() + after
            while True:
                async with slots, session.post(f"{work.url}/chat/completions", data=data) as response:
                    await response.read()
                    if response.status == 200:
                        return
                    wait = float(response.headers["Retry-After"])
                await asyncio.sleep(wait)

        await asyncio.gather(*map(ask, work.texts))


def storing(work: Work) -> None:
    """The same with each label in SQLite, committed every 20 ms; started again, it asks for what is missing."""
    asyncio.run(_storing(work))


async def _storing(work: Work) -> None:
    db = sqlite3.connect(work.folder / "storing.sqlite3", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("CREATE TABLE IF NOT EXISTS labels (text TEXT PRIMARY KEY, label TEXT, raw TEXT)")
    known = {row[0] for row in db.execute("SELECT text FROM labels")}
    arrived: list[tuple[str, str, str]] = []

    def take(text: str, content: bytes) -> None:
        said = json.loads(content)["choices"][0]["message"]["content"]
        arrived.append((text, json.loads(said)["label"], said))

    def commit() -> None:
        rows, arrived[:] = arrived[:], []
        db.execute("BEGIN")
        db.executemany("INSERT INTO labels VALUES (?, ?, ?)", rows)
        db.execute("COMMIT")

    async def keep_committing() -> None:
        while True:
            await asyncio.sleep(_COMMIT_SECONDS)
            commit()

    committing = asyncio.create_task(keep_committing())
    await _bare(work, take, [text for text in work.texts if text not in known])
    committing.cancel()
    commit()


def sdk(work: Work) -> None:
    """The openai SDK, asynchronous, with its aiohttp transport."""
    asyncio.run(_sdk(work))


async def _sdk(work: Work) -> None:
    import openai

    async with openai.AsyncOpenAI(
        base_url=work.url, api_key="none", http_client=openai.DefaultAioHttpClient()
    ) as client:

        async def ask(text: str) -> None:
            _label_of(await client.chat.completions.create(**question(text)))

        await in_parallel(work.in_flight, work.texts, ask)


def threads(work: Work) -> None:
    """The openai SDK the plain way: one blocking call a thread."""
    import openai

    with openai.OpenAI(base_url=work.url, api_key="none") as client, ThreadPoolExecutor(work.in_flight) as pool:
        for answer in pool.map(lambda text: client.chat.completions.create(**question(text)), work.texts):
            _label_of(answer)


def _label_of(answer: Any) -> str:
    return str(json.loads(answer.choices[0].message.content)["label"])


RIVALS = {"bare": bare, "waiting": waiting, "storing": storing, "sdk": sdk, "threads": threads}


def main() -> None:
    name, url, n, in_flight, folder = sys.argv[1:]
    work = Work(url, int(in_flight), [text for text, _ in labelled_texts(int(n))], Path(folder))
    if name in ("sdk", "threads"):
        import openai

        # Its resources are imported when first touched: that is not what labelling costs.
        _ = openai.OpenAI(base_url=url, api_key="none").chat.completions
    print("ready", flush=True)
    for _ in sys.stdin:
        RIVALS[name](work)
        print("done", flush=True)


if __name__ == "__main__":
    main()
