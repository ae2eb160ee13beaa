"""The one exception that becomes an HTTP answer, in the shape OpenAI's clients understand."""

from collections.abc import Mapping
from typing import Any


class ApiError(Exception):
    """`status` is the HTTP status; `param` names the offending field of the request, as OpenAI's API does."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        type: str = "invalid_request_error",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.type = type
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


def bad_request(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(400, message, param=param, code=code)


def not_found(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    return ApiError(404, message, param=param, code=code)


def unknown_model(name: str) -> ApiError:
    return not_found(f"The model {name!r} does not exist on this host.", "model", "model_not_found")


def overloaded() -> ApiError:
    return ApiError(
        429,
        "This host has too many texts waiting; try again in a second.",
        code="rate_limit_exceeded",
        type="requests",
        headers={"Retry-After": "1"},
    )
