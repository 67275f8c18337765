"""Writes the sample data into a folder."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from darkroom.errors import OptionError
from darkroom.sample_data.faulty_files import iter_faulty_files
from darkroom.sample_data.layouts import IGNORED, IMAGE, MASK, SampleFile, iter_dagm_files, iter_mvtec_files
from darkroom.sample_data.readme import README, SUMS, TITLE, format_readme, format_sums


@dataclass(frozen=True, slots=True)
class SampleDataReport:
    """What was written.

    Attributes:
        files: Number of files, `README.md` and `SHA256SUMS` among them.
        images: Those a reader should find to be images, in `faulty/` too.
        masks: Those a reader should find to be masks.
        rejects: Those a reader should reject.
        ignored: Those a reader should knowingly leave out.
        size_bytes: Sum of the sizes of the files.
        out: The folder, as it was given.
    """

    files: int
    images: int
    masks: int
    rejects: int
    ignored: int
    size_bytes: int
    out: Path


def make_sample_files(seed: int = 0) -> list[SampleFile]:
    """Return all files of the sample data, in memory; the same seed gives the same files.

    The pixels depend on nothing but the seed, except for the last bit of sines and Fourier transforms, which
    can move a value to the next rounding step. The bytes depend on zlib and, for a few files in `faulty/`, on
    Pillow and libjpeg as well.
    """
    if seed < 0:
        raise OptionError(f"The seed is {seed}, but it has to be 0 or more: choose another one.")
    files = [*iter_mvtec_files(seed), *iter_dagm_files(seed), *iter_faulty_files(seed)]
    sums = format_sums(files)
    page = SampleFile(README, format_readme(files, sums, seed), IGNORED)
    # these two come first: a run that is cut short then leaves a folder which the next one takes for its own
    return [page, SampleFile(SUMS, sums, IGNORED), *files]


def write_sample_data(out: Path, seed: int = 0) -> SampleDataReport:
    """Write the generated sample images into a folder.

    Writes. A second call with the same seed writes the same bytes again and so mends what was changed or
    deleted; with another seed it replaces the set.

    Args:
        out: A folder that is missing, empty, or holds earlier sample data and nothing else.
        seed: 0 or more.

    Returns:
        Counts of what was written.

    Raises:
        OptionError: If `out` is a file or holds anything else, or the seed is negative; nothing is written.
        OSError: If the folder cannot be written to.
    """
    earlier = _find_earlier(out)
    files = make_sample_files(seed)
    for path in earlier:
        path.unlink()
    for file in files:
        path = out / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    return _count(files, out)


def _find_earlier(out: Path) -> list[Path]:
    """Return the files of an earlier call; refuse if there are others."""
    if out.exists() and not out.is_dir():
        raise OptionError(f"{out} is a file, but sample data needs a folder: name another one.")
    found = sorted(path for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
    own = _earlier_names(out)
    for path in found:
        name = path.relative_to(out).as_posix()
        # some file systems of macOS hand names back decomposed
        if normalize("NFC", name) not in own:
            raise OptionError(
                f"{out} holds {name!r}, which is not sample data of an earlier run, and nothing may be"
                " overwritten: name a new or empty folder, or remove what is in the way."
            )
    return found


def _earlier_names(out: Path) -> set[str]:
    """Return the names of the files that an earlier call wrote, or none if there was no earlier call."""
    page, sums = out / README, out / SUMS
    if not (page.is_file() and sums.is_file() and page.read_bytes().startswith(TITLE.encode())):
        return set()
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines()
    return {README, SUMS, *(line.partition("  ")[2] for line in lines)}


def _count(files: list[SampleFile], out: Path) -> SampleDataReport:
    outcomes = Counter(file.outcome for file in files)
    known = {outcome: outcomes[outcome] for outcome in (IMAGE, MASK, IGNORED)}
    return SampleDataReport(
        files=len(files),
        images=known[IMAGE],
        masks=known[MASK],
        rejects=len(files) - sum(known.values()),
        ignored=known[IGNORED],
        size_bytes=sum(len(file.content) for file in files),
        out=out,
    )
