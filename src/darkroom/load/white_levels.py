"""Which level of deep images (more than 8 bits a channel) is white: one for each image dataset, and kept.

It is found out when the first deep image of an image dataset is read, by a pass over its files of this run, which
looks at no more than the header of the others. A run that goes on with an image dataset takes what is recorded.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from darkroom.errors import OptionError
from darkroom.harmonise.decode import UnusableImageError, measure_levels
from darkroom.harmonise.deep import (
    DEPTHS,
    DeepPicture,
    LevelKind,
    choose_white_level,
    describe_white_level,
    is_within,
    kind_of_mode,
    white_level_of,
)
from darkroom.load.loaded import Loaded
from darkroom.load.plan import Plan
from darkroom.sample import FileEntry, Reason, Sample

COLUMNS = {LevelKind.INTEGER: "deep_white_level", LevelKind.FLOAT: "float_white_level"}
"""The columns of `image_datasets` that hold white levels."""

KnownLevels = dict[LevelKind, float]
"""The white levels of one image dataset, as far as it has deep images."""

_Brightest = dict[LevelKind, tuple[float, str]]
"""The brightest level of each kind, and the path of the file that has it."""


def check_depth(depth: int | str) -> int | None:
    """Returns the bits that are asked for; None for `auto`.

    Raises:
        OptionError: It is neither `auto` nor one of `DEPTHS`.
    """
    if str(depth) == "auto":
        return None
    if str(depth) not in map(str, DEPTHS):
        raise OptionError(f"`depth` {depth!r}: expected auto or one of {', '.join(map(str, DEPTHS))}.")
    return int(depth)


def is_unscaled(original_mode: str, image_dataset: Mapping[str, Any] | None) -> bool:
    """Tells whether an image is deep, and the row of its image dataset does not say which level became white."""
    kind = kind_of_mode(original_mode)
    return kind is not None and (image_dataset is None or image_dataset.get(COLUMNS[kind]) is None)


def check_recorded(loaded: Loaded, names: Collection[str], depth: int | None) -> None:
    """Checks that a run asks for the depth that its image datasets have.

    Args:
        loaded: The facts of the tables before the run.
        names: The image datasets of the run.
        depth: The bits that are asked for; None for whatever there is.

    Raises:
        OptionError: An image dataset has another depth.
    """
    for name in names:
        recorded = loaded.image_datasets.get(name, {}).get(COLUMNS[LevelKind.INTEGER])
        if depth is not None and recorded is not None and recorded != white_level_of(depth):
            raise OptionError(
                f"The table holds {name} with {describe_white_level(recorded)} as white; `depth` {depth} would make it "
                f"level {white_level_of(depth)}. One image dataset has one scale: leave `depth` away, or give another "
                "`database`."
            )


def find_unscaled(loaded: Loaded, names: Collection[str], plan: Plan) -> dict[str, int]:
    """Counts the images that are scaled anew, by image dataset.

    Raises:
        OptionError: Some cannot be, as their files are not there.
    """
    images = {key: image for key, image in loaded.images.items() if image.is_unscaled and image.source_dataset in names}
    read_again = {candidate.sample.sample_id for candidate in plan.revisit}.union(plan.obsolete_images)
    if left := [key for key in images if key not in read_again]:
        raise OptionError(
            f"The table holds {len(images)} images of {images[left[0]].source_dataset} with more than 8 bits a channel "
            "that an older darkroom scaled one by one, each by its own brightest pixel. They would be read again and "
            f"get one scale, but the files of {len(left)} are not in these roots (such as {left[0]}). Give all roots "
            "that they came from, delete the rows of files that are gone with `prune`, or ingest into another "
            "`database`."
        )
    return Counter(image.source_dataset for image in images.values())


@dataclass(slots=True)
class WhiteLevels:
    """Finds the white level of each image dataset, and remembers it; may be asked from several threads.

    Attributes:
        samples: The samples that the run reads.
        image_datasets: The rows of `image_datasets` before the run, by name.
        rescaled: How many images of each image dataset are read again to get one scale, as `find_unscaled` counts them.
        depth: The bits that are asked for; None to find them out.
        read: Returns the bytes of a file; raises OSError where it cannot.
        max_pixels: Larger pictures are not looked at.
        workers: Threads for the pass over an image dataset.
        known: The white levels, by image dataset.
        is_last: Whether the run is about to load its last package.
        notes: What was decided in this run, one line for each decision.
    """

    samples: Collection[Sample]
    image_datasets: Mapping[str, Mapping[str, Any]]
    rescaled: Mapping[str, int]
    depth: int | None
    read: Callable[[FileEntry], bytes]
    max_pixels: int
    workers: int
    known: dict[str, KnownLevels] = field(init=False)
    is_last: bool = field(init=False, default=False)
    notes: list[str] = field(init=False, default_factory=list)
    _lock: Lock = field(init=False, default_factory=Lock)
    _stopped: Event = field(init=False, default_factory=Event)

    def __post_init__(self) -> None:
        self.known = defaultdict(dict)
        for name, row in self.image_datasets.items():
            self.known[name] = {kind: row[column] for kind, column in COLUMNS.items() if row.get(column) is not None}
        for name, count in self.rescaled.items():
            self.notes.append(
                f"{name}: {count} images of more than 8 bits a channel are read again, as an older darkroom, or a run "
                "that was cut short, left them without one scale for all"
            )

    def find(self, sample: Sample, picture: DeepPicture) -> float:
        """Returns the level that is white in the image dataset of a sample, which may take a pass over its files.

        Raises:
            OptionError: The picture is brighter than the scale that its image dataset has.
            UnusableImageError: It has floats of 0–1, and its image dataset has others.
        """
        name, kind = sample.source_dataset, picture.kind
        with self._lock:
            if kind not in self.known[name]:
                self._decide(sample, picture)
            white_level = self.known[name][kind]
        if not is_within(kind, picture.brightest, white_level):
            raise OptionError(self._explain_misfit(sample, picture, white_level))
        if kind is LevelKind.FLOAT and 0 < picture.brightest <= 1 < white_level:
            raise UnusableImageError(
                Reason.UNSUPPORTED,
                f"its levels are floats up to {picture.brightest:g}, and in {name} {describe_white_level(white_level)} "
                "is white: it would be black; scale it like the others, or keep it in an image dataset of its own",
            )
        return white_level

    def row_of(self, name: str) -> dict[str, float | None]:
        """Returns the columns of `image_datasets` about white levels.

        Of an image dataset that is scaled anew they say nothing before `is_last`: a run that is cut short leaves
        pictures of both scales, and the next one has to read all of them.
        """
        known = {} if name in self.rescaled and not self.is_last else self.known.get(name, {})
        return {
            COLUMNS[LevelKind.INTEGER]: None if (level := known.get(LevelKind.INTEGER)) is None else int(level),
            COLUMNS[LevelKind.FLOAT]: known.get(LevelKind.FLOAT),
        }

    def stop(self) -> None:
        """Ends a pass that is going on in another thread; what it finds is of no use any more."""
        self._stopped.set()

    def _decide(self, sample: Sample, picture: DeepPicture) -> None:
        name, kind = sample.source_dataset, picture.kind
        if kind is LevelKind.INTEGER and self.depth is not None:
            self._settle(name, kind, white_level_of(self.depth), "as asked for")
            return
        all_brightest = {kind: (picture.brightest, sample.image.path)}
        self._measure(name, all_brightest)
        for found, (brightest, path) in all_brightest.items():
            if found not in self.known[name]:
                white_level = choose_white_level(found, brightest)
                if self.depth is not None and white_level > 1:
                    white_level = white_level_of(self.depth)
                self._settle(name, found, white_level, f"as the brightest is {brightest:g}, in {path}")

    def _settle(self, name: str, kind: LevelKind, white_level: float, why: str) -> None:
        self.known[name] = {**self.known[name], kind: white_level}
        what = "float images" if kind is LevelKind.FLOAT else "images of more than 8 bits a channel"
        self.notes.append(f"{name}: {what}, of which {describe_white_level(white_level)} is white, {why}")

    def _measure(self, name: str, brightest: _Brightest) -> None:
        """Looks at all files of an image dataset, and notes the brightest levels in `brightest`."""
        files = [sample.image for sample in self.samples if sample.source_dataset == name]
        with ThreadPoolExecutor(self.workers, thread_name_prefix="darkroom-measure") as pool:
            for file, levels in zip(files, pool.map(self._measure_file, files), strict=True):
                if levels is not None and levels.brightest > brightest.get(levels.kind, (-1.0, ""))[0]:
                    brightest[levels.kind] = (levels.brightest, file.path)

    def _measure_file(self, file: FileEntry) -> Any:
        if self._stopped.is_set():
            return None
        try:
            return measure_levels(self.read(file), max_pixels=self.max_pixels)
        except (OSError, UnusableImageError):
            return None  # it becomes a reject when its turn comes

    def _explain_misfit(self, sample: Sample, picture: DeepPicture, white_level: float) -> str:
        name = sample.source_dataset
        why = "it has been scaled so" if self.image_datasets.get(name) else "as asked for"
        return (
            f"{sample.image.path} has levels up to {picture.brightest:g}, but in {name} "
            f"{describe_white_level(white_level)} is white ({why}), and one image dataset has one scale. Ingest all of "
            f"{name} into another `database`, with `depth` auto or a greater one; or load the brighter files under "
            "another `name`."
        )
