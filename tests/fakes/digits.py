"""Real pictures with labels: the handwritten digits that come with scikit-learn, as PNG files."""

import base64
import io
from functools import cache

from PIL import Image


def png(image, **saved):
    """A picture as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, saved.pop("format", "PNG"), **saved)
    return file.getvalue()


def data_uri(data, kind="image/png"):
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@cache
def digits(number):
    """`(bytes of a PNG, name of the digit)` of the first ones, 8 x 8 pixels each."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return [
        (png(Image.fromarray((255 - 15.9 * pixels).astype("uint8"))), str(digit))
        for pixels, digit in zip(found.images[:number], found.target[:number], strict=True)
    ]
