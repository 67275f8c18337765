"""Whatever tables say: every file ends in exactly one place, and every sample has a name of its own."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st
from trees import places_of

from darkroom.errors import LayoutNotRecognisedError
from darkroom.extract.readers import read_layouts
from darkroom.extract.storage import Listing
from darkroom.sample import FileEntry, Findings, Split

FOLDERS = st.sampled_from(["train", "Test", "ground_truth", "good", "cut", "b", "images", "masks", "é", "e\u0301"])
NAMES = st.sampled_from(["1.png", "1.PNG", "2.jpg", "1_mask.png", "é.png", "e\u0301.png", "x", "Labels.txt", "._1.png"])
PATHS = st.builds(lambda folders, name: "/".join([*folders, name]), st.lists(FOLDERS, max_size=3), NAMES)
ODD_PATHS = st.sampled_from(
    ["", "gone.png", "/etc/passwd", "../../1.png", "C:\\1.png", "b\\1.png", "./b/../1.png", ".."]
)
TABLE_NAMES = st.sampled_from(
    ["labels.csv", "metadata.csv", "train.csv", "metadata.jsonl", "b/metadata.csv", "Test/metadata.csv", "b/list.jsonl"]
)
CELLS = {
    "mask": st.one_of(PATHS, ODD_PATHS),
    "label": st.sampled_from(["good", "cut", "OK", ""]),
    "is_defect": st.sampled_from(["0", "1", "", "maybe"]),
    "split": st.sampled_from(["train", "test", "val", "", "holdout"]),
    "category": st.sampled_from(["b", "nut", "a/b", "", "é"]),
}


@st.composite
def tables(draw: st.DrawFn, paths: list[str]) -> dict[str, bytes]:
    found = {}
    for name in draw(st.sets(TABLE_NAMES, max_size=3)):
        columns = draw(st.lists(st.sampled_from(sorted(CELLS)), unique=True))
        image = st.one_of(
            st.sampled_from(paths), st.sampled_from(paths).map(lambda path: path[path.find("/") + 1 :]), ODD_PATHS
        )
        rows = draw(st.lists(st.fixed_dictionaries({"file_name": image, **{name: CELLS[name] for name in columns}})))
        found[name] = as_json(rows) if name.endswith("jsonl") else as_csv(rows, ["file_name", *columns])
        if draw(st.booleans()):
            found[name] = found[name][: -draw(st.integers(1, 20))]  # a download that broke off
    return found


def as_json(rows: list[dict[str, str]]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def as_csv(rows: list[dict[str, str]], columns: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


class GivenStorage:
    """Gives the files of a list, and the bytes of tables."""

    is_local = True
    name = "root"

    def __init__(self, root: str, paths: set[str], contents: dict[str, bytes], links: dict[str, str]) -> None:
        self.root, self._paths, self._contents, self._links = root, paths, contents, links

    def files(self) -> Listing:
        return Listing(
            tuple(FileEntry(self.root, path, 1, 0) for path in sorted(self._paths | self._contents.keys())),
            identities=self._links,
        )

    def read(self, path: str) -> bytes:
        if path not in self._contents:
            raise OSError(path)
        return self._contents[path]

    def prepare(self, paths: object) -> None:
        pass

    def close(self) -> None:
        pass


def check(findings: Findings, paths: set[str]) -> None:
    places = places_of(findings)
    assert len(places) == len(set(places)) == findings.files_seen
    assert set(places) <= paths
    keys = [sample.sample_id for sample in findings.samples]
    assert len(keys) == len(set(keys))
    names = {found.source_dataset for found in (*findings.samples, *findings.rejects)}
    assert names <= findings.image_datasets.keys()
    assert all(isinstance(sample.split, Split) for sample in findings.samples)
    assert all("/" not in sample.category for sample in findings.samples)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sets(PATHS, min_size=1, max_size=12), st.sampled_from(["auto", "table"]), st.booleans())
def test_every_file_ends_in_exactly_one_place(
    data: st.DataObject, paths: set[str], layout: str, has_links: bool
) -> None:
    contents = data.draw(tables(sorted(paths)))
    linked = data.draw(st.sampled_from(sorted(paths)))
    links = {linked: f"/root/{sorted(paths)[0]}"} if has_links and linked != sorted(paths)[0] else {}
    outer = GivenStorage("/root", paths, contents, links)
    inner = GivenStorage(
        "/root/b",
        {path[2:] for path in paths if path.startswith("b/")},
        {path[2:]: content for path, content in contents.items() if path.startswith("b/")},
        {path[2:]: target for path, target in links.items() if path.startswith("b/")},
    )
    whole = {f"/root/{path}" for path in paths | contents.keys()}
    for roots in ([outer], [outer, inner]):
        try:
            findings = read_layouts(roots, layout=layout)  # type: ignore[arg-type]
        except LayoutNotRecognisedError:
            continue
        check(findings, whole | {f"/root/b/{path[7:]}" for path in whole if path.startswith("/root/b/")})
        if roots == [outer] and not links:
            assert set(places_of(findings)) == whole
