"""Masks find their images by key: the label folder and the stem, or the folder that both stand in and the stem."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from darkroom.extract.readers.places import Category, CategoryFindings, PlacedFile
from darkroom.keys import make_key, spell_apart
from darkroom.layout_words import WEAK_WORDS, cut_mask_word, find_mask_word
from darkroom.sample import NORMAL, Reason, Reject, Sample, Split


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image that has its place in the layout.

    Attributes:
        files: The file, and its further copies.
        split: The split that it stands in.
        label: The label that its folder or `Labels.txt` tells; None where only the mask can tell.
        group: What its mask must share with it beside the stem; None where the layout was flattened.
        assumed: The label if neither its folder nor a mask tells one.
    """

    files: tuple[PlacedFile, ...]
    split: Split
    label: str | None
    group: str | None
    assumed: str | None = None

    @property
    def is_clean(self) -> bool:
        """Whether it is a training image without a defect, which hardly has a mask."""
        return self.split is Split.TRAIN and (self.label or self.assumed) == NORMAL


@dataclass(frozen=True, slots=True)
class FoundMask:
    """A mask that has its place in the layout.

    Attributes:
        files: The file, and its further copies.
        group: As in `FoundImage`.
        split: The split that it stands in, or whose masks it is among; None where any image may be its own.
        owner: The stem of its image, where the mask itself is called otherwise: it is one of several, each in a file of
            its own.
        is_placed: Whether its place says that it is a mask, though it has a split.
    """

    files: tuple[PlacedFile, ...]
    group: str | None
    split: Split | None = None
    owner: str | None = None
    is_placed: bool = False

    @property
    def stem(self) -> str:
        """What the stem of its image is, but for a word that tells masks from images."""
        return self.files[0].stem if self.owner is None else self.owner


@dataclass(slots=True)
class _Masks:
    """The masks of one image: those whose place says so come first, then those of which only the name does."""

    placed: list[PlacedFile] = field(default_factory=list)
    by_name: list[PlacedFile] = field(default_factory=list)
    parts: list[PlacedFile] = field(default_factory=list)
    part_copies: list[PlacedFile] = field(default_factory=list)

    def add(self, mask: FoundMask) -> None:
        if mask.owner is None:
            (self.placed if mask.split is None or mask.is_placed else self.by_name).extend(mask.files)
        else:
            self.parts.append(mask.files[0])
            self.part_copies.extend(mask.files[1:])


def pair_masks(
    category: Category, images: Sequence[FoundImage], masks: Sequence[FoundMask], *, is_labelled: bool = False
) -> CategoryFindings:
    """Makes samples of images and the masks that belong to them; masks left over become rejects.

    Images whose label nothing but their mask could tell, and that have none, are counted: one may have lost its mask by
    a slip in a name.

    A file among the images that is called like a mask of another one (`10_GT.png` beside `10.png`) is a mask. So is one
    without such an image, if it carries a word by which other masks of the category are called, or `mask`, `gt` and
    the like as few images do.

    Args:
        category: The category that all of them are in.
        images: The images of the category.
        masks: The masks of the category.
        is_labelled: Whether an image without label and mask is normal, even where the whole category has no mask.
    """
    owners_beside = _find_beside(images)
    images_left = [image for image in images if _path(image) not in owners_beside]
    index = _Index(images_left)
    found = [(mask, index.find(mask)) for mask in masks]
    found += [
        (FoundMask(image.files, image.group, image.split), owners_beside[_path(image)])
        for image in images
        if _path(image) in owners_beside
    ]
    orphans = _find_orphans(images_left, found)
    found += [(FoundMask(image.files, image.group, image.split), []) for image in orphans.values()]
    images_left = [image for image in images_left if _path(image) not in orphans]
    paired: dict[str, _Masks] = defaultdict(_Masks)
    findings = CategoryFindings()
    by_stem: dict[str, list[FoundImage]] = defaultdict(list)
    for image in images_left:
        by_stem[make_key(image.files[0].stem)].append(image)
    for mask, owners in found:
        if len(owners) == 1:
            paired[_path(owners[0])].add(mask)
        else:
            findings.rejects += _reject_mask(category, mask, owners, by_stem)
    unmasked_label = NORMAL if found or is_labelled else None
    for image in images_left:
        findings.samples.append(_make_sample(category, image, paired.get(_path(image), _Masks()), unmasked_label))
    unmasked = sum(sample.mask is None and sample.unmasked_label == NORMAL for sample in findings.samples)
    findings.counts["images without a mask, taken for good"] += unmasked
    return findings


def reject_misplaced(category: Category, files: Iterable[PlacedFile], expected: str) -> list[Reject]:
    """Returns a reject for each image that stands in a folder without a meaning."""
    message = f"an image where the layout has none: {expected} was expected"
    return [Reject(file.file, category.source_dataset, Reason.OUTSIDE_LAYOUT, message) for file in files]


def _path(image: FoundImage) -> str:
    return image.files[0].inner_path


def _find_beside(images: Iterable[FoundImage]) -> dict[str, list[FoundImage]]:
    """Returns, by path, the files that are called like a mask of an image in the same folder, with those images."""
    by_place: dict[tuple[str, str], list[FoundImage]] = defaultdict(list)
    for image in images:
        by_place[_folder(image), make_key(image.files[0].stem)].append(image)
    partners: dict[str, list[FoundImage]] = {}
    # shorter stems first: a mask of a mask goes to the image
    for (folder, stem), masks in sorted(by_place.items(), key=lambda item: len(item[0][1])):
        base = cut_mask_word(stem)
        found = by_place.get((folder, base), []) if base != stem else []
        for mask in masks:
            owners = [owner for partner in found for owner in partners.get(_path(partner), [partner])]
            if owners:
                unique = list({_path(owner): owner for owner in owners}.values())
                partners[_path(mask)] = _narrow(unique, mask.files[0], mask.group)
    return partners


def _find_orphans(
    images: Sequence[FoundImage], found: Iterable[tuple[FoundMask, list[FoundImage]]]
) -> dict[str, FoundImage]:
    """Returns, by path, the images that are masks of no image, as their names tell."""
    words = {_path(image): word for image in images if (word := find_mask_word(image.files[0].stem))}
    if not words:
        return {}
    with_mask = {_path(owner) for _, owners in found for owner in owners}
    # an image may be called so itself, and its mask with it: that shows nothing
    shown = {
        find_mask_word(mask.files[0].stem)
        for mask, owners in found
        if any(make_key(owner.files[0].stem) == cut_mask_word(make_key(mask.files[0].stem)) for owner in owners)
    }
    counts = Counter(words.values())
    masks = shown | {word for word, count in counts.items() if word not in WEAK_WORDS and 2 * count < len(images)}
    left = [image for image in images if _path(image) in words and _path(image) not in with_mask]
    return {_path(image): image for image in left if words[_path(image)] in masks}


def _folder(image: FoundImage) -> str:
    return image.files[0].inner_path.rpartition("/")[0]


class _Index:
    """Images by group and stem."""

    def __init__(self, images: Iterable[FoundImage]) -> None:
        self._by_key: dict[tuple[str | None, str], list[FoundImage]] = defaultdict(list)
        self._by_stem: dict[str, list[FoundImage]] = defaultdict(list)
        self._assumed: dict[str, list[FoundImage]] = defaultdict(list)
        for image in images:
            stem = make_key(image.files[0].stem)
            # by its stem alone no clean training image gets a mask: its number may be that of a test image
            if not image.is_clean:
                self._by_stem[stem].append(image)
            elif image.label is None:
                self._assumed[stem].append(image)
            if not image.is_clean or image.group is not None:
                self._by_key[_group_key(image.group), stem].append(image)

    def find(self, mask: FoundMask) -> list[FoundImage]:
        """Returns the images that a mask could belong to: one, none, or an ambiguous lot."""
        stem = make_key(mask.stem)
        for candidate in dict.fromkeys([cut_mask_word(stem), stem]):
            owners = self._find_stem(_group_key(mask.group), candidate)
            if mask.split is not None:
                # within a split the number is no other image's: what is assumed to be good gives way to a mask
                owners = [*owners, *(self._assumed.get(candidate, []) if mask.group is None else [])]
                owners = [owner for owner in owners if owner.split is mask.split]
            if owners:
                return _narrow(owners, mask.files[0], mask.group)
        return []

    def _find_stem(self, group: str | None, stem: str) -> list[FoundImage]:
        if group is None:
            return self._by_stem.get(stem, [])
        return self._by_key.get((group, stem)) or self._by_key.get((None, stem), [])


def _group_key(group: str | None) -> str | None:
    return None if group is None else make_key(group)


def _narrow(owners: list[FoundImage], mask: PlacedFile, group: str | None) -> list[FoundImage]:
    """Keeps, of images with one key, those that are likest to the mask: each trait counts if any has it."""
    if len(owners) == 1:
        return owners
    stems = {mask.stem, cut_mask_word(mask.stem)}
    for kept in (
        [owner for owner in owners if owner.group == group],
        [owner for owner in owners if owner.files[0].stem in stems],
        [owner for owner in owners if owner.files[0].suffix == mask.suffix],
        [owner for owner in owners if owner.split is not Split.TRAIN],
    ):
        owners = [owner for owner in owners if owner in kept] or owners
    return owners


def _make_sample(category: Category, image: FoundImage, masks: _Masks, unmasked_label: str | None) -> Sample:
    first, *copies = image.files
    whole = [mask.file for mask in masks.placed + masks.by_name]
    parts = sorted((mask.file for mask in masks.parts), key=lambda file: file.path)
    # where there are both, whole masks and parts, all of them count
    mask_files = whole[:1] + parts
    label = image.label if image.label is not None or mask_files else image.assumed
    return Sample(
        sample_id=category.sample_id(first.inner_path),
        source_dataset=category.source_dataset,
        category=category.name,
        split=image.split,
        label=label,
        image=first.file,
        mask=mask_files[0] if mask_files else None,
        copies=tuple(copy.file for copy in copies),
        further_masks=tuple(mask_files[1:]),
        mask_copies=(*whole[1:], *(copy.file for copy in masks.part_copies)),
        unmasked_label=unmasked_label if label is None else None,
        is_mask_by_name=bool(masks.by_name) and not masks.placed and not parts,
    )


def _reject_mask(
    category: Category, mask: FoundMask, owners: list[FoundImage], by_stem: Mapping[str, list[FoundImage]]
) -> list[Reject]:
    if owners:
        names = ", ".join(_path(owner) for owner in owners[:3])
        reason = Reason.AMBIGUOUS_MASK
        is_one_folder = len({_folder(owner) for owner in owners}) == 1
        advice = "call these images otherwise than each other" if is_one_folder else "name its label folder too"
        message = f"a mask that could belong to any of {len(owners)} images ({names}): {advice}"
    else:
        reason, message = Reason.ORPHAN_MASK, _describe_orphan(category, mask, by_stem)
    return [Reject(file.file, category.source_dataset, reason, message) for file in mask.files]


def _describe_orphan(category: Category, mask: FoundMask, by_stem: Mapping[str, list[FoundImage]]) -> str:
    stem = cut_mask_word(mask.stem)
    near = by_stem.get(make_key(stem), [])
    if mask.group is not None and near:
        folders = ", ".join(dict.fromkeys(spell_apart(mask.group, _folder(image)) for image in near[:3]))
        group = spell_apart(_folder(near[0]), mask.group)
        return f"a mask without an image: it is for {group}, but the image {stem} of {category.name} is in {folders}"
    among = f" among the images of {mask.group}" if mask.group else ""
    return f"a mask without an image: none{among} in {category.name} has the stem {stem}"
