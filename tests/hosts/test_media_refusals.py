"""What hosts say of pictures they do not take, in one sentence of ours; and what is recorded of it."""

import base64
import os

import pytest

from core.hosts.failures import failure_of
from core.hosts.media_refusals import about_media
from core.hosts.wire_json import to_json


def said(message, status=400):
    return about_media(failure_of(status, to_json({"error": {"message": message}})))


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Invalid content type. image_url is only supported by certain models; not supported here"),
        (400, "This model does not support image inputs"),
        (404, "No endpoints found that support image input"),
        (400, "messages.0.content: Input should be a valid string"),
        (422, "[{'loc': ['messages', 0, 'content'], 'msg': 'str type expected'}]"),
        (400, "this model is missing data required for image input: multimodal is not enabled"),
        (400, "The server cannot process audio"),
    ],
)
def test_a_model_that_takes_no_pictures_is_named_as_that(status, message):
    failure = said(message, status)
    assert failure.message == f"The model takes no pictures or sound; choose one that does. The host said: {message}"
    assert failure.kind == "bad_request"


@pytest.mark.parametrize(
    "message",
    [
        "The image is larger than 5 MB.",
        "Invalid image.",
        "temperature is not supported",
        "You uploaded an unsupported image. Please make sure your image has of one the following formats: png, jpeg.",
        "Unsupported image format: image/gif",
        "The image was not allowed: it exceeds the size of 8000 pixels",
    ],
)
def test_what_is_about_one_picture_or_something_else_stays_as_the_host_says_it(message):
    assert said(message).message == message


def test_a_picture_that_a_host_quotes_is_not_recorded():
    quoted = base64.b64encode(os.urandom(3000)).decode()
    failure = failure_of(400, to_json({"error": {"message": f"Bad image data:image/png;base64,{quoted}."}}))
    assert failure.message == "Bad image data:image/png;base64,…."
    assert quoted[:100] not in failure.raw and quoted[:100] not in repr(failure)


def test_a_long_word_is_no_picture():
    assert said("x" * 500).message == "x" * 500
