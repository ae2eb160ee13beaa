"""Fireworks: resources of an account in camel case, JOB_STATE_* words, ids of the caller's, no events."""

from typing import Any

from aiohttp import web

from tests.fakes.host import fails
from tests.fakes.vendors.world import Refused, VendorHost, is_plain, only, refusing

_HOME = "/v1/accounts/acme"
_OF_A_JOB = {
    "dataset", "baseModel", "warmStartFrom", "displayName", "epochs", "learningRate", "loraRank", "batchSize",
    "batchSizeSamples", "maxContextLength", "earlyStop", "evaluationDataset", "outputModel", "jinjaTemplate",
    "evalAutoCarveout", "optimizerWeightDecay",
}  # fmt: skip


class FireworksHost(VendorHost):
    profile = "fireworks"
    base_path = "/inference/v1"
    create = "POST /accounts/acme/supervisedFineTuningJobs"
    look = "GET /accounts/acme/supervisedFineTuningJobs/{id}"
    listing = look
    upload = "POST /accounts/acme/datasets/{id}:upload"
    cancel = "POST /accounts/acme/supervisedFineTuningJobs/{id}:cancel"
    deploy, undeploy = "POST /accounts/acme/deployments", "DELETE /accounts/acme/deployments/{id}"
    look_at_deployment = "GET /accounts/acme/deployments/{id}"
    refuses_what_is_not_deployed = True
    base_model = "fake-large"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.data_sets: dict[str, str] = {}
        self.made: dict[str, dict[str, Any]] = {}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.course = ["JOB_STATE_CREATING", "JOB_STATE_VALIDATING", "JOB_STATE_RUNNING", "JOB_STATE_WRITING_RESULTS",
                       "JOB_STATE_COMPLETED"]  # fmt: skip

    @property
    def jobs_made(self) -> int:
        return len(self.made)

    def routes(self) -> list[web.RouteDef]:
        chat = [
            web.post("/inference/v1/chat/completions", self._chat),
            web.get("/inference/v1/models", self._other(self._list_models)),
        ]
        jobs, data_sets = f"{_HOME}/supervisedFineTuningJobs", f"{_HOME}/datasets"
        one = "{id:[^:/]+}"
        return [
            *chat,
            web.get("/v1/accounts", self._other(self._accounts)),
            web.post(data_sets, self._other(refusing(self._make_data_set))),
            web.post(f"{data_sets}/{one}:upload", self._other(self._fill)),
            web.get(f"{data_sets}/{one}", self._other(refusing(self._see_data_set))),
            web.post(jobs, self._other(refusing(self._make))),
            web.get(f"{jobs}/{one}", self._other(refusing(self._see))),
            web.get(f"{_HOME}/dpoJobs/{one}", self._other(refusing(self._see))),
            web.post(f"{jobs}/{one}:cancel", self._other(self._stop)),
            web.get("/v1/metrics.jsonl", self._other(self._metrics)),
            web.post(f"{_HOME}/deployments", self._other(refusing(self._deploy))),
            web.get(f"{_HOME}/deployments/{one}", self._other(refusing(self._see_deployment))),
            web.delete(f"{_HOME}/deployments/{one}", self._other(refusing(self._undeploy))),
        ]

    async def _accounts(self, _: web.Request) -> dict[str, Any]:
        account = {"name": "accounts/acme", "email": "a@acme.example", "state": "READY"}
        return {"accounts": [account], "nextPageToken": "", "totalSize": 1}

    async def _make_data_set(self, request: web.Request) -> dict[str, Any]:
        asked = await request.json()
        if not is_plain(asked["datasetId"]) or not int(asked["dataset"]["exampleCount"]):
            raise Refused(fails(400, "invalid data set"))
        if asked["datasetId"] in self.data_sets:
            raise Refused(_gone(409, "ALREADY_EXISTS"))
        self.data_sets[asked["datasetId"]] = ""
        return {"name": f"accounts/acme/datasets/{asked['datasetId']}", "state": "UPLOADING"}

    async def _fill(self, request: web.Request) -> dict[str, Any]:
        content = (await request.post())["file"].file.read().decode()  # type: ignore[union-attr]
        self.data_sets[request.match_info["id"]] = content
        self.files[request.match_info["id"]] = content
        return {}

    async def _see_data_set(self, request: web.Request) -> dict[str, Any]:
        name = request.match_info["id"]
        if name not in self.data_sets:
            raise Refused(_gone())
        return {"name": f"accounts/acme/datasets/{name}", "state": "READY" if self.data_sets[name] else "UPLOADING"}

    async def _make(self, request: web.Request) -> dict[str, Any]:
        asked, name = await request.json(), request.query["supervisedFineTuningJobId"]
        only(asked, _OF_A_JOB)
        if not is_plain(name) or not self.data_sets[asked["dataset"].rpartition("/")[2]]:
            raise Refused(fails(400, "invalid job"))
        if name in self.made:
            raise Refused(_gone(409, "ALREADY_EXISTS"))
        model = f"accounts/acme/models/{asked['outputModel']}"
        self.made[name] = {**asked, "outputModel": model, "name": f"accounts/acme/supervisedFineTuningJobs/{name}",
                           "state": "JOB_STATE_CREATING", "createTime": "2026-11-30T20:00:00Z",
                           "updateTime": "2026-11-30T20:00:01.5Z", "course": list(self.course)}  # fmt: skip
        return self._of(self.made[name])

    def _of(self, job: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in job.items() if name != "course"}

    async def _see(self, request: web.Request) -> dict[str, Any]:
        job = self.made.get(request.match_info["id"])
        if job is None:
            raise Refused(_gone())
        if job["course"]:
            job["state"] = job["course"].pop(0)
        if job["state"] == "JOB_STATE_COMPLETED":
            self.tuned.add(job["outputModel"])
            job |= {"completedTime": "2026-11-30T20:09:00Z", "jobProgress": {"percent": 100},
                    "metricsFileSignedUrl": f"http://127.0.0.1:{self.port}/v1/metrics.jsonl"}  # fmt: skip
        return self._of(job)

    async def _stop(self, request: web.Request) -> dict[str, Any]:
        self.made[request.match_info["id"]]["course"] = ["JOB_STATE_CANCELLING", "JOB_STATE_CANCELLED"]
        return {}

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(text='{"step": 1, "train_loss": 1.5}\n{"step": 2, "train_loss": 0.5, "eval_loss": NaN}\n')

    async def _deploy(self, request: web.Request) -> dict[str, Any]:
        name, asked = request.query["deploymentId"], await request.json()
        if name in self.deployments:
            raise Refused(_gone(409, "ALREADY_EXISTS"))
        if not is_plain(name) or asked["baseModel"] not in self.tuned:
            raise Refused(fails(400, "invalid deployment"))
        self.deployments_made += 1
        self.deployments[name] = {**asked, "name": f"accounts/acme/deployments/{name}", "state": "CREATING"}
        return self.deployments[name]

    async def _see_deployment(self, request: web.Request) -> dict[str, Any]:
        one = self.deployments.get(request.match_info["id"])
        if one is None:
            raise Refused(_gone())
        told, one["state"] = dict(one), "READY"
        self.callable.add(f"{one['baseModel']}#{one['name']}")
        return told

    async def _undeploy(self, request: web.Request) -> dict[str, Any]:
        one = self.deployments.pop(request.match_info["id"], None)
        if one is None:
            raise Refused(_gone())
        self.callable.discard(f"{one['baseModel']}#{one['name']}")
        return {}


def _gone(status: int = 404, code: str = "NOT_FOUND") -> Any:
    return fails(status, f"the resource: {code}", code=code)
