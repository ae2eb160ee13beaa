"""Together: flat jobs with ISO times, events without ids, lists without `has_more`, endpoints of projects."""

from typing import Any

from aiohttp import web

from tests.fakes.host import fails
from tests.fakes.vendors.world import Refused, VendorHost, only, refusing

AT = "2026-11-30T20:00:{:02d}.123Z"
_OF_A_JOB = {
    "training_file", "validation_file", "model", "n_epochs", "learning_rate", "lr_scheduler", "warmup_ratio",
    "max_grad_norm", "weight_decay", "n_checkpoints", "n_evals", "batch_size", "suffix", "random_seed", "training_type",
    "training_method", "from_checkpoint", "packing", "max_seq_length", "early_stopping_enabled",
}  # fmt: skip


class TogetherHost(VendorHost):
    profile = "together"
    create, look, listing = "POST /fine-tunes", "GET /fine-tunes/{id}", "GET /fine-tunes"
    upload, cancel = "POST /files/upload", "POST /fine-tunes/{id}/cancel"
    deploy, undeploy = "POST /v2/projects/p1/endpoints/{id}/deployments", "DELETE /v2/projects/p1/endpoints/{id}"
    look_at_deployment = "GET /v2/projects/p1/endpoints"
    refuses_what_is_not_deployed = True

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.made: dict[str, dict[str, Any]] = {}
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.course = ["pending", "queued", "running", "compressing", "uploading", "completed"]
        self.may_spend = True

    @property
    def jobs_made(self) -> int:
        return len(self.made)

    def routes(self) -> list[web.RouteDef]:
        kept = [
            one for one in super().routes() if "fine_tuning" not in one.path and not one.path.startswith("/v1/files")
        ]
        job, project = "/v1/fine-tunes/{id}", "/v2/projects/p1"
        endpoint = project + "/endpoints/{id}"
        return [
            *kept,
            web.post("/v1/files/upload", self._other(self._take_file)),
            web.post("/v1/fine-tunes", self._other(refusing(self._make))),
            web.get("/v1/fine-tunes", self._other(self._list)),
            web.post("/v1/fine-tunes/estimate-price", self._other(self._estimate)),
            web.get(job, self._other(self._see)),
            web.get(f"{job}/events", self._other(self._told_events)),
            web.get(f"{job}/metrics", self._other(self._told_metrics)),
            web.get(f"{job}/checkpoints", self._other(self._told_checkpoints)),
            web.post(f"{job}/cancel", self._other(self._stop)),
            web.get("/v3/whoami", self._other(self._whoami)),
            web.get(f"{project}/configs", self._other(self._configs)),
            web.get(f"{project}/endpoints", self._other(self._list_endpoints)),
            web.post(f"{project}/endpoints", self._other(refusing(self._make_endpoint))),
            web.patch(endpoint, self._other(self._route)),
            web.delete(endpoint, self._other(self._remove_endpoint)),
            web.get(f"{endpoint}/deployments", self._other(self._list_deployments)),
            web.post(f"{endpoint}/deployments", self._other(self._make_deployment)),
            web.delete(endpoint + "/deployments/{deployment}", self._other(self._remove_deployment)),
        ]

    async def _take_file(self, request: web.Request) -> dict[str, Any]:
        form = await request.post()
        assert form["file_type"] == "jsonl" and form["file_name"]
        told = self.keep_file(form)
        return {**told, "FileType": "jsonl", "processing_status": "PENDING"}

    async def _make(self, request: web.Request) -> dict[str, Any]:
        asked = await request.json()
        only(asked, _OF_A_JOB)
        if asked["training_file"] not in self.files:
            raise Refused(fails(400, "file not found"))
        name = f"ft-{len(self.made) + 1:08x}-8318"
        self.made[name] = {
            "id": name, "status": "pending", "created_at": AT.format(0), "updated_at": AT.format(0), "user_id": "u1",
            "model_output_name": f"acme/{asked['model']}-{asked.get('suffix')}", "model_object_id": f"ml_{name}",
            "course": list(self.course), **asked,
        }  # fmt: skip
        return self._of(self.made[name])

    def _of(self, job: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in job.items() if name != "course"}

    async def _list(self, _: web.Request) -> dict[str, Any]:
        return {"data": [self._of(job) for job in self.made.values()]}

    async def _see(self, request: web.Request) -> dict[str, Any]:
        job = self.made[request.match_info["id"]]
        if job["course"] and job["status"] != "cancelled":
            job["status"] = job["course"].pop(0)
        if job["status"] == "completed":
            self.tuned.add(job["model_output_name"])
        return self._of(job)

    async def _stop(self, request: web.Request) -> dict[str, Any]:
        job = self.made[request.match_info["id"]]
        job["status"], job["course"] = "cancel_requested", ["cancel_requested", "cancelled"]
        return self._of(job)

    async def _told_events(self, _: web.Request) -> dict[str, Any]:
        kinds = ["job_pending", "job_start", "epoch_complete", "epoch_complete"]
        data = [
            {"object": "fine-tune-event", "created_at": AT.format(min(at, 2)), "level": "legacy_info", "type": kind,
             "message": kind.replace("_", " "), "step": at, "total_steps": 4}
            for at, kind in enumerate(kinds)
        ]  # fmt: skip
        return {"data": data}

    async def _told_metrics(self, _: web.Request) -> dict[str, Any]:
        return {"metrics": [{"global_step": 1.0, "train/loss": 1.5}, {"global_step": 1.0, "eval/loss": 1.75},
                            {"global_step": 2.0, "train/loss": 0.5, "eval/loss": 0.75}]}  # fmt: skip

    async def _told_checkpoints(self, request: web.Request) -> dict[str, Any]:
        one = {"checkpoint_type": "Final", "created_at": AT.format(9), "path": "s3://x", "step": 2}
        return {"data": [one]}

    async def _estimate(self, request: web.Request) -> dict[str, Any]:
        assert (await request.json())["training_file"] in self.files
        return {"estimation_available": True, "allowed_to_proceed": self.may_spend, "estimated_total_price": 4.5}

    # projects

    async def _whoami(self, _: web.Request) -> dict[str, Any]:
        return {"type": "project_api_key", "api_key": {"id": "k"}, "organization": {"id": "o"}, "project": {"id": "p1"}}

    async def _configs(self, request: web.Request) -> dict[str, Any]:
        assert request.query["referenceModel"].startswith("projects/p1/models/ml_")
        return {"object": "list", "data": [{"id": "cr_1", "projectId": "public"}], "next_cursor": None}

    async def _list_endpoints(self, _: web.Request) -> dict[str, Any]:
        return {"object": "list", "data": list(self.endpoints.values())}

    async def _make_endpoint(self, request: web.Request) -> dict[str, Any]:
        name = f"acme/{(await request.json())['name']}"
        if any(one["name"] == name for one in self.endpoints.values()):
            raise Refused(fails(409, "an endpoint of this name exists"))
        made = {"id": f"ep_{len(self.endpoints) + 1}", "name": name, "trafficSplit": []}
        self.endpoints[made["id"]] = made
        return made

    async def _route(self, request: web.Request) -> dict[str, Any]:
        endpoint = self.endpoints[request.match_info["id"]]
        endpoint["trafficSplit"] = (await request.json())["trafficSplit"]
        return endpoint

    async def _make_deployment(self, request: web.Request) -> dict[str, Any]:
        asked = await request.json()
        assert asked["config"] == "projects/public/configs/cr_1" and asked["model"].startswith("projects/p1/models/ml_")
        self.deployments_made += 1
        made = {"id": f"dep_{self.deployments_made}", "endpointId": request.match_info["id"], **asked,
                "status": {"state": "DEPLOYMENT_STATE_PROVISIONING", "message": ""}}  # fmt: skip
        self.deployments[made["id"]] = made
        return made

    async def _list_deployments(self, request: web.Request) -> dict[str, Any]:
        inside = [one for one in self.deployments.values() if one["endpointId"] == request.match_info["id"]]
        told = [{**one, "status": dict(one["status"])} for one in inside]
        for one in inside:
            endpoint = self.endpoints[one["endpointId"]]
            if any(split["deploymentId"] == one["id"] for split in endpoint["trafficSplit"]):
                one["status"]["state"] = "DEPLOYMENT_STATE_READY"
                self.callable.add(endpoint["name"])
        return {"object": "list", "data": told}

    async def _remove_deployment(self, request: web.Request) -> dict[str, Any]:
        del self.deployments[request.match_info["deployment"]]
        self.callable.discard(self.endpoints[request.match_info["id"]]["name"])
        return {}

    async def _remove_endpoint(self, request: web.Request) -> dict[str, Any]:
        del self.endpoints[request.match_info["id"]]
        return {}
