"""What every route shares: the token, the size of bodies, JSON in and out, errors in OpenAI's shape."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.embedded.errors import ApiError, bad_request
from core.text import read_json


class Guard:
    """ASGI middleware: refuses requests without the token (401) and bodies over the limit (413), before reading them.

    `limits` maps a path to its limit in bytes; "" is everybody else's. An empty token lets everybody in; /health
    is open to all.
    """

    def __init__(self, app: ASGIApp, token: str, limits: dict[str, int]) -> None:
        self._app = app
        self._token = token
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        limit = self._limits.get(scope["path"], self._limits[""])
        refused = self._refusal(scope["path"], headers, limit)
        if refused:
            await error_response(refused)(scope, receive, send)
        else:
            await self._app(scope, _counted(receive, limit), send)

    def _refusal(self, path: str, headers: dict[bytes, bytes], limit: int) -> ApiError | None:
        given = headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        if self._token and path != "/health" and not hmac.compare_digest(given, self._token.encode()):
            message = "The API key is missing or wrong."
            return ApiError(401, message, code="invalid_api_key", headers={"WWW-Authenticate": "Bearer"})
        length = headers.get(b"content-length", b"0")
        return too_large(limit) if length.isdigit() and int(length) > limit else None


def too_large(limit: int) -> ApiError:
    return ApiError(413, f"The request is larger than {limit:,} bytes.", code="request_too_large")


def _counted(receive: Receive, limit: int) -> Receive:
    """Counts what arrives, for bodies that do not state their length."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise too_large(limit)
        return message

    return counted


def error_response(error: ApiError) -> Response:
    return JSONResponse(error.body(), status_code=error.status, headers=error.headers)


async def on_api_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(error)


async def on_bug(_: Request, error: Exception) -> Response:
    """The server logs the traceback itself, after this answer."""
    return error_response(ApiError(500, "The embedded host failed; its log says why.", type="server_error"))


async def on_http_error(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    what = "does not exist on this host" if status == 404 else "cannot be used that way"
    return error_response(ApiError(status, f"{request.method} {request.url.path} {what}."))


async def json_body(request: Request) -> dict[str, Any]:
    """The request's JSON object, or the 400 ApiError."""
    return json_object(await request.body())


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`, its texts as `core.text.clean` leaves them; or the 400 ApiError."""
    try:
        body = read_json(raw)
    except ValueError as error:
        raise bad_request("The request's body is not valid JSON.") from error
    if not isinstance(body, dict):
        raise bad_request("The request's body must be a JSON object.")
    return body


def asynchronous(function: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> Callable[[Request], Any]:
    """A route from a function of the request's JSON."""

    async def route(request: Request) -> Response:
        return JSONResponse(await function(await json_body(request)))

    return route
