"""Readers: one for each layout that image datasets have on disk, and the recognition of layouts.

A reader looks at paths only, never into an image; what it makes of them is a `Findings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from darkroom.extract.readers.assemble import make_findings
from darkroom.extract.readers.recognise import AUTO
from darkroom.extract.readers.registry import LAYOUTS
from darkroom.extract.storage import Listing, Storage
from darkroom.sample import Findings

__all__ = ["LAYOUTS", "read_layout", "read_layouts"]


def read_layout(
    storage: Storage,
    listing: Listing,
    *,
    layout: str = AUTO,
    name: str | None = None,
    normal_label: str | Sequence[str] = (),
    splits: str | None = None,
) -> Findings:
    """Makes samples of the files of one root; opens no file but tables of labels and splits, and `dataset.toml`.

    Args:
        storage: The storage of the root.
        listing: All files below the root, as `storage.files()` gives them.
        layout: `auto`, or one of `LAYOUTS` for every category folder.
        name: Name of the image dataset, if it is not to be found out.
        normal_label: Label folders that mean `good`, one or several, beside those that everybody calls so
            (`labels.NORMAL_WORDS`); case does not count.
        splits: Name of the splits to take where several were published: that of a table (`2cls_fewshot`) or of the
            folder that holds it (`realiad_jsons_sv`). Categories without it keep their usual ones.

    Raises:
        LayoutNotRecognisedError: Nothing below the root looks like a layout.
        OptionError: There is no such layout, one name is to stand for several layouts, no label folder is
            called as `normal_label` says, or no table of splits as `splits` says.
    """
    return make_findings([(storage, listing)], layout=layout, name=name, normal_label=normal_label, splits=splits)


def read_layouts(
    storages: Iterable[Storage],
    *,
    layout: str = AUTO,
    name: str | None = None,
    normal_label: str | Sequence[str] = (),
    splits: str | None = None,
) -> Findings:
    """Lists several roots and makes samples of their files as if they were one.

    The same `sample_id` in two places is one sample with copies; a file that two roots share counts once. The
    order of the roots does not matter.

    Args:
        storages: The roots; one that is given twice counts once.
        layout: As in `read_layout`.
        name: As in `read_layout`.
        normal_label: As in `read_layout`.
        splits: As in `read_layout`.

    Raises:
        RootError: A root cannot be listed, or nothing below it looks like a layout.
        OptionError: As in `read_layout`.
    """
    by_root = {storage.root: storage for storage in storages}
    listings = [(by_root[root], by_root[root].files()) for root in sorted(by_root)]
    return make_findings(listings, layout=layout, name=name, normal_label=normal_label, splits=splits)
