"""A vendor's host on a workbench's list, and what is done with it."""

from core.finetune.dialects import DIALECTS
from core.finetune.dialects.dialect import Deploys
from core.finetune.parameters import parse_parameters
from core.services.hosts.drafts import HostDraft
from core.services.learning.fine_tuning import TuneRequest
from tests.fakes.vendors.world import KEY, KEY_VARIABLE
from tests.fakes.waiting import work_off


class Vendor:
    """One host on the workbench's list, its small project, and what is done with it."""

    def __init__(self, wb, project, there):
        self.wb, self.project, self.there = wb, project, there
        wb.settings.environment[KEY_VARIABLE] = KEY
        self.host = wb.hosts.add(there.profile, HostDraft("The host", there.base_url, KEY_VARIABLE))
        self.dialect = DIALECTS[there.profile]

    def start(self, **entries):
        request = TuneRequest(self.project.id, self.project.gold, self.project.version_id)
        known = self.wb.fine_tunes.parameters(self.host.key, "supervised")
        job = self.wb.fine_tunes.start(
            request, host=self.host.key, base_model="fake-large", parameters=parse_parameters(entries, known)
        )
        return job.id

    def job(self, job_id):
        return self.wb.fine_tunes.get(job_id)

    def trained(self, **entries):
        job_id = self.start(**entries)
        work_off(self.wb)
        return self.job(job_id)

    def deployed(self, job, **price):
        """The model, callable: nothing is done where nothing is needed."""
        if self.dialect.deploys is Deploys.NOTHING:
            return None
        if self.dialect.deploys is Deploys.BY_HAND:
            self.there.callable.add("my-deployment")
            return self.wb.deployments.say_deployed(job.id, "my-deployment", **price)
        one = self.wb.deployments.deploy(job.id, **price)
        work_off(self.wb)
        return self.wb.deployments.of(job.id)[0] if one else None

    def choices(self):
        return [one.name for one in self.wb.hosts.models(self.host.key, self.project.id) if one.fine_tune]
