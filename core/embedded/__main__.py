"""`python -m core.embedded --port N --data DIR`: runs the built-in host until it is told to stop."""

import argparse
import asyncio
import os
import socket
import sys
import threading
from pathlib import Path

# Batches run side by side, one a core; BLAS threads of their own would only get in each other's way.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

TOKEN_VARIABLE = "LABELLOOP_EMBEDDED_TOKEN"
GRACE_SECONDS = 5.0


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m core.embedded", description="LabelLoop's embedded host.")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one and prints it")
    parser.add_argument("--data", type=Path, required=True, help="folder for models, files, jobs and embeddings")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; loopback unless you know better")
    parser.add_argument("--token", default="", help=f"API key to ask for; better given as {TOKEN_VARIABLE}")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")
    return parser.parse_args(given)


def main() -> int:
    options = arguments()
    import uvicorn

    from core.embedded.encoder import Encoder
    from core.embedded.server import Host, build
    from core.embedded.weights import find_encoder
    from core.errors import WorkbenchError

    token = options.token or os.environ.get(TOKEN_VARIABLE, "")
    try:
        listener = _listen(options.host, options.port)
        host = Host(options.data, Encoder(find_encoder(options.data)))
    except (WorkbenchError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    server = uvicorn.Server(uvicorn.Config(build(host, token), log_level="warning", access_log=False, lifespan="on"))
    if options.exit_with_parent:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    asyncio.run(_serve(server, listener))
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is stated; with it every answer takes 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(1024)
    return listener


async def _serve(server: "object", listener: socket.socket) -> None:
    """Serves, and announces the address once requests are answered."""
    import uvicorn

    assert isinstance(server, uvicorn.Server)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    name, port = listener.getsockname()[:2]
    if server.started:
        print(f"listening on http://{f'[{name}]' if ':' in name else name}:{port}", flush=True)
    await serving


def _stop_at_end_of_input(server: "object") -> None:
    """Standard input is the parent's end of a pipe: it ends when the parent does, however the parent ended."""
    while os.read(0, 4096):
        pass
    server.should_exit = True  # type: ignore[attr-defined]
    threading.Event().wait(GRACE_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
