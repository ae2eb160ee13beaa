"""Pictures: told apart once they were taught, by plain features; and what is no picture, in one sentence."""

import asyncio
import io
import json

import numpy as np
import pytest
from PIL import Image

from core.embedded.dataset import InvalidFile
from core.embedded.errors import ApiError
from core.embedded.heads.saved import read_head, write_head
from core.embedded.pictures.features import FEATURES, SIDE, gradients, picture_vector
from core.embedded.pictures.looking import TEXT_ALONE, UNTRAINED, WANTS_A_PICTURE
from core.embedded.server import Host
from tests.embedded.training import line, response_format, taught
from tests.fakes.digits import data_uri, digits, png

pytestmark = pytest.mark.encoder
SYSTEM = "Which digit is on the picture? Answer with one of the labels."
NAMES = [str(digit) for digit in range(10)]


def shown(url, text="The digit:"):
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": url}}]


def lesson(data, answer, **more):
    return line(answer, shown(data_uri(data)), SYSTEM, **more)


async def ask(host, content, shape, model):
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": content}]
    answered = await host.chat.complete({"model": model, "messages": messages, "response_format": shape})
    return answered["choices"][0]["message"]["content"]


def one_of(names):
    return response_format(label={"type": "string", "enum": list(names)})


@pytest.fixture(scope="module")
def host(tmp_path_factory, encoder):
    return Host(tmp_path_factory.mktemp("seeing"), encoder)


@pytest.fixture(scope="module")
def reader(host):
    """A model that was taught 300 handwritten digits."""
    return asyncio.run(taught(host, [lesson(data, {"label": digit}) for data, digit in digits(300)]))


async def test_digits_that_were_held_back_are_read_far_better_than_by_chance(host, reader):
    held = digits(450)[300:]
    answers = [json.loads(await ask(host, shown(data_uri(data)), one_of(NAMES), reader))["label"] for data, _ in held]
    right = np.mean([answer == digit for answer, (_, digit) in zip(answers, held, strict=True)])
    commonest = max(np.mean([digit == name for _, digit in held]) for name in NAMES)
    assert commonest < 0.2 and right > 0.75


async def test_what_was_never_taught_says_so_in_place_of_a_guess(host, reader):
    picture = shown(data_uri(digits(1)[0][0]))
    for model, content, said in (("minilm-l6", picture, UNTRAINED), (reader, "no picture", WANTS_A_PICTURE)):
        with pytest.raises(ApiError) as caught:
            await ask(host, content, one_of(NAMES), model)
        assert (caught.value.status, caught.value.message) == (400, said)


async def test_a_model_of_texts_does_not_pretend_to_see(host):
    model = await taught(host, [line({"label": "AB"[n % 2]}, f"text {n}") for n in range(10)])
    with pytest.raises(ApiError, match="text alone") as caught:
        await ask(host, shown(data_uri(digits(1)[0][0])), one_of("AB"), model)
    assert caught.value.message == TEXT_ALONE


async def test_sets_and_levels_are_learned_from_pictures_as_well(host):
    pictures = digits(120)
    sets = [lesson(data, {"labels": ["even"] if int(d) % 2 == 0 else ["odd", "prime"][: 1 + (d != "9")]})
            for data, d in pictures]  # fmt: skip
    levels = [lesson(data, {"level": "5 to 9" if int(d) > 4 else "0 to 4"}) for data, d in pictures]
    data, digit = pictures[0]
    labels = {"type": "array", "items": {"type": "string", "enum": ["even", "odd", "prime"]}}
    assert digit == "0"
    answer = await ask(host, shown(data_uri(data)), response_format(labels=labels), await taught(host, sets))
    assert json.loads(answer) == {"labels": ["even"]}
    shape = response_format(level={"type": "string", "enum": ["0 to 4", "5 to 9"]})
    assert json.loads(await ask(host, shown(data_uri(data)), shape, await taught(host, levels))) == {"level": "0 to 4"}


async def test_a_head_of_pictures_is_the_same_once_it_was_saved(host, reader):
    head, file = host.models.find(reader), io.BytesIO()
    write_head(head, file)
    file.seek(0)
    assert np.array_equal(read_head(file).weights, head.weights)


GOOD = [lesson(data, {"label": digit}) for data, digit in digits(12)]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (line({"label": "1"}, "no picture"), "Line 13 shows no picture, and line 1 does: all must, or none."),
        (line({"label": "1"}, shown("https://example.org/a.png")), "Line 13: this host fetches nothing"),
        (line({"label": "1"}, shown(data_uri(b"no picture"))), "Line 13: the picture cannot be read"),
        (line({"label": "1"}, [{"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}]),
         "Line 13: messages.[1].content.[0]: this host cannot hear"),
    ],
)  # fmt: skip
async def test_the_first_line_that_cannot_be_looked_at_is_named(host, bad, said):
    with pytest.raises(InvalidFile) as caught:
        await taught(host, [*GOOD, bad])
    assert caught.value.message.startswith(said)


async def test_what_no_head_learns_from_pictures_is_refused(host):
    with pytest.raises(InvalidFile, match="Line 1 shows a picture; from pictures this host learns labels and levels"):
        await taught(host, [lesson(digits(1)[0][0], {"better": "first"})] * 10)


def animated():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    return png(frames[0], format="GIF", save_all=True, append_images=frames[1:])


GREY = Image.new("L", (4, 4))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (data_uri(b""), "cannot be read: send a PNG, JPEG, WEBP or GIF file"),
        (data_uri(png(GREY)[:-30]), "cannot be read"),
        (data_uri(png(GREY, format="BMP")), "cannot be read"),
        (data_uri(png(Image.new("CMYK", (4, 4)), format="JPEG")), "colours are CMYK: convert it to RGB"),
        (data_uri(animated()), "animated: send one frame"),
        (data_uri(png(Image.new("1", (9000, 9000)))), "9,000 × 9,000 pixels: send one of at most 50 megapixels"),
        (data_uri(b"x" * (11 * 2**20)), "larger than 10 MB"),
        ("data:image/png;base64,???", "base64 cannot be read"),
        ("data:image/png,abc", "not in base64"),
        ("http://127.0.0.1/a.png", "fetches nothing"),
    ],
    ids=["empty", "cut off", "bmp", "cmyk", "animated", "huge", "heavy", "no base64", "plain", "link"],
)  # fmt: skip
def test_what_cannot_be_looked_at_says_why(url, said):
    with pytest.raises(ValueError, match="^(the picture|this host)") as caught:
        picture_vector(url)
    assert said in str(caught.value)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_usual_sort_of_colour_is_seen(mode):
    vector = picture_vector(data_uri(png(Image.new(mode, (30, 20)))))
    assert vector.shape == (FEATURES,) and np.isfinite(vector).all()


def test_what_is_transparent_is_seen_on_white_and_what_lies_on_its_side_upright():
    white = picture_vector(data_uri(png(Image.new("RGB", (8, 8), "white"))))
    assert np.array_equal(picture_vector(data_uri(png(Image.new("RGBA", (8, 8), (0, 0, 0, 0))))), white)
    halves = Image.new("RGB", (64, 64), "white")
    halves.paste("black", (0, 0, 32, 64))
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by 90 degrees clockwise before it is shown
    lying = png(halves.transpose(Image.Transpose.ROTATE_90), exif=turned)
    assert np.array_equal(picture_vector(data_uri(lying)), picture_vector(data_uri(png(halves))))


def test_gradients_of_a_ramp_point_one_way():
    """Brightness that grows to the right changes at 0 degrees: half in the first direction, half in the last."""
    ramp = np.tile(np.linspace(0, 1, SIDE, dtype=np.float32), (SIDE, 1))
    shares = gradients(ramp).reshape(-1, 9).sum(axis=0)
    assert shares[0] == pytest.approx(shares[8]) and shares[0] > 0 and not shares[1:8].any()


def test_a_plain_data_uri_may_say_more_of_itself():
    plain = data_uri(png(GREY))
    assert np.array_equal(picture_vector(plain.replace(";", ";name=a.png;")), picture_vector(plain))
