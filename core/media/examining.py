"""Whether a file can be shown, and what to know of it: read once, when it comes in."""

import io
import warnings
import wave
from dataclasses import dataclass

from core.errors import WorkbenchError
from core.media.kinds import MAX_PIXELS
from core.media.references import Reference
from core.media.store import reference_of
from core.model import FieldShow

_AT_MOST = (64, 64)


@dataclass(frozen=True)
class Examined:
    """`remark` is what to know of a file that is taken all the same; "" where there is nothing."""

    reference: Reference
    remark: str = ""


def examine(data: bytes) -> Examined:
    """What the bytes are, read to their end where that is quick: pictures, and sounds without compression.

    Raises `WorkbenchError` for what is not kept (see `MediaStore.put`), for a broken picture or sound, and for a
    picture of more than `MAX_PIXELS`.
    """
    reference = reference_of(data)
    if reference.format.show is FieldShow.PICTURE:
        return Examined(reference, _picture(data))
    return Examined(reference, _wave(data) if reference.extension == "wav" else "")


def _picture(data: bytes) -> str:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    pixels = f"{image.width:,} × {image.height:,} pixels"
                    raise WorkbenchError(f"The picture has {pixels}, too many to show.", "Make it smaller.")
                remark = _remark(image)
                image.draft(None, _AT_MOST)  # a JPEG is read to its end, and only an eighth of it unpacked
                image.load()
                return remark
    except WorkbenchError:
        raise
    except Exception as error:  # what decoders raise over damaged bytes is told nowhere
        raise WorkbenchError("The picture is broken or cut off.", "Save it again from where it came.") from error


def _remark(image: object) -> str:
    if getattr(image, "n_frames", 1) > 1:
        return "animated: models and lists see the first frame"
    if getattr(image, "mode", "") == "CMYK":
        return "CMYK: its colours may look different on screens and to models"
    return ""


def _wave(data: bytes) -> str:
    try:
        with wave.open(io.BytesIO(data)) as sound:
            frames = sound.readframes(sound.getnframes())
    except wave.Error as error:
        # Not broken: the module knows plain samples alone, browsers more.
        return "" if "unknown format" in str(error) else _refuse_sound(error)
    except (EOFError, ValueError, RuntimeError) as error:
        return _refuse_sound(error)
    if not frames:
        raise WorkbenchError("The sound has no samples.", "Record or export it again.")
    quiet = b"\x80" if sound.getsampwidth() == 1 else b"\0"
    return "silent from beginning to end" if not frames.strip(quiet) else ""


def _refuse_sound(error: Exception) -> str:
    raise WorkbenchError("The sound is broken or cut off.", "Export it again from where it came.") from error
