"""Files that no item names go; those that some project has, and those that came just now, stay."""

import os
import time

from core.model import TableData
from core.services.data.bringing import ImportChoice
from core.services.media.orphans import KEPT_SECONDS
from tests.fakes.media import picture


def aged(workbench, reference):
    then = time.time() - KEPT_SECONDS - 60
    os.utime(workbench.media.path(reference), (then, then))


def test_only_old_files_that_no_item_names_are_removed(workbench):
    media = workbench.media
    text, field, orphan, young = (media.put(picture(color=shade)) for shade in ("red", "green", "blue", "white"))
    table = TableData(("picture", "other"), [(text, field)])
    project_id = workbench.data.import_table(table, ImportChoice("P", ("picture",)))
    workbench.projects.remove(project_id)  # it can be restored
    for one in (text, field, orphan):
        aged(workbench, one)
    assert media.clear_orphans() == 1
    assert [media.size(one) > 0 for one in (text, field, orphan, young)] == [True, True, False, True]


def test_a_file_that_comes_in_again_is_young_again(workbench):
    reference = workbench.media.put(picture())
    aged(workbench, reference)
    workbench.media.put(picture())
    assert workbench.media.clear_orphans() == 0 and workbench.media.size(reference) > 0


def test_a_small_copy_is_made_of_a_picture_and_of_nothing_else(workbench):
    large = workbench.media.put(picture("JPEG", (900, 300)))
    assert workbench.media.thumbnail(large).startswith("data:image/webp;base64,")
    assert workbench.media.thumbnail("media:none") == ""
    workbench.media.path(large).unlink()
    assert workbench.media.size(large) == 0
