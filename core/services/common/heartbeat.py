"""Work of hours in a thread of its own, while its lease is renewed."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


async def beside_a_heartbeat(work: Callable[[], None], beat: Callable[[], None], *, every: float, name: str) -> None:
    """Until `work` has ended, with its error where it raises one; `beat` is called every so many seconds meanwhile.

    The lease is renewed all the while: an upload, or a host slow to answer, may take longer than it lasts. The thread
    is called `name`, and is its own because the loop's shared ones are for what takes a moment. Cancelling this leaves
    it running: whoever waits has to tell the work to let go.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix=name)
    working = asyncio.get_running_loop().run_in_executor(pool, work)
    try:
        while not working.done():
            await asyncio.wait({working}, timeout=every)
            if not working.done():
                await asyncio.to_thread(beat)
        working.result()
    finally:
        pool.shutdown(wait=False)
