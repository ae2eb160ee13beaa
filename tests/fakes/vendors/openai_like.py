"""Hosts of the OpenAI protocol, and where each differs."""

import base64
from typing import Any

from aiohttp import web

from tests.fakes.host import FakeHost, Job, fails
from tests.fakes.vendors.world import Refused, VendorHost, only, refusing

_OF_A_JOB = {"model", "training_file", "validation_file", "suffix", "seed", "method", "metadata", "integrations"}
CSV = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,1.5,0.4,1.6,0.38\n2,0.7,0.8,,\n"
CSV_OF_AZURE = (
    "step,train_loss,train_mean_token_accuracy,valid_loss,validation_mean_token_accuracy\n1,1.25,0.5,1.5,0.4\n"
)


class OpenAIHost(VendorHost):
    """Result files in base64; lists of twenty, which say whether there is more; a job can be paused."""

    profile = "openai"
    page = 20
    results = base64.b64encode(CSV.encode()).decode()
    allowed = _OF_A_JOB

    def routes(self) -> list[web.RouteDef]:
        job = "/v1/fine_tuning/jobs/{id}"
        return [
            web.get("/v1/files/{id:file-results-[^/]+}/content", self._other(self._results)),
            *FakeHost.routes(self),
            web.post(f"{job}/pause", self._other(self._pause)),
            web.post(f"{job}/resume", self._other(self._resume)),
        ]

    async def _pause(self, request: web.Request) -> dict[str, Any]:
        job = self.jobs[request.match_info["id"]]
        job.status, job.paused = "paused", job.course  # type: ignore[attr-defined]
        job.course = type(job.course)()
        return self._told(job)

    async def _resume(self, request: web.Request) -> dict[str, Any]:
        job = self.jobs[request.match_info["id"]]
        job.status, job.course = "running", job.paused  # type: ignore[attr-defined]
        return self._told(job)

    async def _create(self, request: web.Request) -> Any:
        return await refusing(self._make)(request)

    async def _make(self, request: web.Request) -> dict[str, Any]:
        asked = await request.json()
        only(asked, self.allowed)
        return await FakeHost._create(self, request)

    def _told(self, job: Job) -> dict[str, Any]:
        told = super()._told(job)
        if told["fine_tuned_model"]:
            self.tuned.add(told["fine_tuned_model"])
            told["result_files"] = [f"file-results-{job.id}"]
            told["finished_at"] = 1_700_000_500
        return told

    async def _results(self, _: web.Request) -> web.Response:
        return web.Response(text=self.results, content_type="application/octet-stream")

    async def _list_jobs(self, request: web.Request) -> dict[str, Any]:
        told = [self._told(job) for job in reversed(list(self.jobs.values()))]
        after = request.query.get("after")
        start = next((at + 1 for at, one in enumerate(told) if one["id"] == after), 0)
        page = told[start : start + self.page]
        return {"object": "list", "data": page, "has_more": start + self.page < len(told)}


class CustomHost(OpenAIHost):
    """A server of an older kind: no method, no metadata, no suffix, lists of all there is that ignore `after`."""

    profile = "custom"
    allowed = {"model", "training_file", "validation_file", "hyperparameters", "seed"}

    def _told(self, job: Job) -> dict[str, Any]:
        return {**super()._told(job), "metadata": None, "created_at": "2026-11-30T20:00:00Z"}

    async def _list_jobs(self, request: web.Request) -> dict[str, Any]:
        return {"data": [self._told(job) for job in self.jobs.values()]}


class AzureHost(OpenAIHost):
    """Result files as they are; a type of training; a tuned model is called by the name of its deployment."""

    profile = "azure"
    results = CSV_OF_AZURE
    allowed = _OF_A_JOB | {"trainingType"}
    refuses_what_is_not_deployed = True

    async def _make(self, request: web.Request) -> dict[str, Any]:
        suffix = (await request.json()).get("suffix", "")
        if len(suffix) > 18 or "." in suffix:
            raise Refused(fails(400, "The suffix is too long.", param="suffix"))
        return await super()._make(request)


class NebiusHost(OpenAIHost):
    """Hyperparameters at the top alone; checkpoints with metrics; models of its own under `/v0`, named by the host."""

    profile = "nebius"
    allowed = _OF_A_JOB - {"method"} | {"hyperparameters"}
    refuses_what_is_not_deployed = True
    deploy, undeploy, look_at_deployment = "POST /v0/models", "DELETE /v0/models/{name}", "GET /v0/models"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.models_of_its_own: dict[str, dict[str, Any]] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.post("/v0/models", self._other(refusing(self._deploy))),
            web.get("/v0/models", self._other(self._list_own)),
            web.delete("/v0/models/{name:.+}", self._other(self._undeploy)),
        ]

    def _told(self, job: Job) -> dict[str, Any]:
        return {**super()._told(job), "result_files": []}

    async def _list_jobs(self, request: web.Request) -> dict[str, Any]:
        return {"object": "list", "data": [self._told(job) for job in self.jobs.values()]}

    async def _list_checkpoints(self, request: web.Request) -> dict[str, Any]:
        job = self.jobs[request.match_info["id"]]
        data = [
            {"id": f"ftckpt-{step}", "step_number": step, "created_at": 1_700_000_000 + step,
             "fine_tuning_job_id": job.id, "metrics": {"train_loss": 1 / step, "valid_loss": 1.5 / step}}
            for step in (1, 2)
        ]  # fmt: skip
        return {"object": "list", "data": data if job.status == "succeeded" else []}

    async def _deploy(self, request: web.Request) -> dict[str, Any]:
        asked = await request.json()
        job, _, checkpoint = asked["source"].partition(":")
        if job not in self.jobs or checkpoint != "ftckpt-2" or not asked["base_model"]:
            raise Refused(fails(400, "There is no such checkpoint."))
        self.deployments_made += 1
        name = f"{asked['base_model']}-LoRa:{asked['name']}-{self.deployments_made:04d}"
        self.models_of_its_own[name] = {"name": name, "status": "validating", "source": asked["source"]}
        return self.models_of_its_own[name]

    async def _list_own(self, _: web.Request) -> dict[str, Any]:
        data = [dict(one) for one in self.models_of_its_own.values()]
        for one in self.models_of_its_own.values():
            one["status"] = "active"
            self.callable.add(one["name"])
        return {"data": data}

    async def _undeploy(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["name"]
        self.callable.discard(name)
        self.models_of_its_own.pop(name)
        return {}


class CrusoeHost(OpenAIHost):
    """Parameters of its own, and a price that it estimates."""

    profile = "crusoe"
    refuses_what_is_not_deployed = True

    def routes(self) -> list[web.RouteDef]:
        estimate = web.post("/v1/fine_tuning/jobs/estimate_price", self._other(self._estimate))
        return [estimate, *super().routes()]

    async def _estimate(self, request: web.Request) -> dict[str, Any]:
        assert (await request.json())["training_file"] in self.files
        return {"estimated_price": 1.25, "currency": "USD"}


class LiteLLMHost(OpenAIHost):
    """Passes on what names a provider; has no events, no checkpoints, no method and no metadata."""

    profile = "litellm"
    allowed = {"model", "training_file", "validation_file", "hyperparameters", "suffix", "seed", "custom_llm_provider"}

    def routes(self) -> list[web.RouteDef]:
        kept = [
            one for one in super().routes() if not one.path.endswith(("/events", "/checkpoints", "/pause", "/resume"))
        ]
        return kept

    async def _make(self, request: web.Request) -> dict[str, Any]:
        if (await request.json()).get("custom_llm_provider") != "openai":
            raise Refused(fails(400, "Invalid request, No litellm managed file id or custom_llm_provider provided."))
        return await super()._make(request)

    async def _look(self, request: web.Request) -> Any:
        if request.query.get("custom_llm_provider") != "openai":
            return web.json_response({"error": {"message": "custom_llm_provider is missing"}}, status=400)
        return await super()._look(request)

    def _told(self, job: Job) -> dict[str, Any]:
        return {**super()._told(job), "metadata": None, "result_files": [], "seed": None}
