"""What these hosts have in common: a key that they ask for, jobs counted, models that may have to be deployed."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from tests.fakes.host import FakeHost, Step, fails

KEY = "planted-4f1d77c09b5e"
KEY_VARIABLE = "LABELLOOP_VENDOR_KEY"


class VendorHost(FakeHost):
    """`create`, `look`, `upload`, `cancel`, `deploy`, `undeploy` are its routes, as `on` takes them; `tuned` the models
    that came out of jobs, `callable` the names that call them."""

    base_path = "/v1"
    create = "POST /fine_tuning/jobs"
    look = "GET /fine_tuning/jobs/{id}"
    listing = "GET /fine_tuning/jobs"
    upload = "POST /files"
    cancel = "POST /fine_tuning/jobs/{id}/cancel"
    deploy = undeploy = look_at_deployment = ""
    refuses_what_is_not_deployed = False
    base_model = "fake-large"

    def __init__(self, answer: Callable[[str], str] = lambda text: "SPORTS") -> None:
        super().__init__(answer)
        self.tuned: set[str] = set()
        self.callable: set[str] = set()
        self.deployments_made = 0
        self.keys_seen: set[str] = set()
        self.refuse(self._is_not_deployed, fails(404, "The model does not exist or is not deployed."))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.base_path}"

    @property
    def jobs_made(self) -> int:
        return len(self.jobs)

    def _is_not_deployed(self, body: Mapping[str, Any]) -> bool:
        model = body.get("model")
        return self.refuses_what_is_not_deployed and model in self.tuned | self._once and model not in self.callable

    @property
    def _once(self) -> set[str]:
        """Names that called something at some time, and may do so no more."""
        return set()

    def _app(self) -> web.Application:
        app = super()._app()
        app.middlewares.append(self._see_key)
        return app

    @web.middleware
    async def _see_key(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.keys_seen.add(request.headers.get("authorization") or request.headers.get("api-key") or "")
        answer: web.StreamResponse = await handler(request)
        return answer


class Refused(Exception):
    """What a handler answers with instead."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.body)
        self.step = step


def refusing(handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
    """The handler, whose `Refused` becomes what the host answers."""

    async def handle(request: web.Request) -> Any:
        try:
            return await handler(request)
        except Refused as refused:
            return web.Response(status=refused.step.status, body=refused.step.body, content_type="application/json")

    return handle


def only(body: Mapping[str, Any], allowed: set[str]) -> None:
    """A host that takes these keys and no others says so."""
    for name in body:
        if name not in allowed:
            raise Refused(fails(400, f"Unknown parameter: '{name}'.", param=name))


def is_plain(name: str) -> bool:
    """As ids of resources have to be."""
    return re.fullmatch(r"[a-z][a-z0-9-]{0,62}", name) is not None
