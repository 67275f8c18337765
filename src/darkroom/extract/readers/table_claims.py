"""Which images and masks the tables take, and what becomes of rows that cannot be used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from darkroom.extract.readers.described import TABLE_LAYOUT, find_base, make_folders
from darkroom.extract.readers.layout import Layout
from darkroom.extract.readers.places import CategoryFolder
from darkroom.extract.readers.survey import Survey, find_place, judge_name
from darkroom.extract.readers.table_facts import RowFacts, RowFaultError, TableWords, read_facts, read_words
from darkroom.extract.readers.table_files import FoundTables, ImageTable
from darkroom.extract.readers.table_rows import TableRow
from darkroom.extract.storage import Listing, Unusable
from darkroom.layout_words import find_mask_word, is_mask_folder
from darkroom.sample import FileEntry, FileKey, Reason

READ_TABLE = "table of images, read for what it says of them"
"""What a table was read for, in the account of files."""

_ROWS_OF_ONE = "with an image of another row that says the same"


@dataclass(slots=True)
class Claims:
    """What the tables take of the files of all roots.

    Attributes:
        folders: The categories that they describe, each with its images.
        files: All files that are nobody else's any more: images and masks taken, and rejects.
        rejects: Images and masks that they name and that cannot be used, and images that an overruling table beside
            them does not name.
        notes: What to tell people.
        strange: What to tell them of files that are no tables, where nothing is recognised.
        texts: The tables that took an image, and what for.
        bases: The folder that each of these is about, by its root and path.
        roots: The roots with an image that a table took, be it under a path in another root.
        is_given: Whether tables were asked for, so that folders mean nothing.
    """

    is_given: bool = False

    folders: list[CategoryFolder] = field(default_factory=list)
    files: set[FileKey] = field(default_factory=set)
    rejects: list[Unusable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    texts: dict[FileKey, str] = field(default_factory=dict)
    bases: dict[FileKey, str] = field(default_factory=dict)
    roots: set[str] = field(default_factory=set)

    def settle(self, surveys: Iterable[Survey]) -> None:
        """Hands the rejects to the survey of their root, and makes rejects of strays that a table does not name."""
        by_root: dict[str, list[Unusable]] = defaultdict(list)
        for reject in self.rejects:
            by_root[reject.file.root].append(reject)
        for survey in surveys:
            tables = {base: path for (root, path), base in self.bases.items() if root == survey.storage.root}
            rejects, strays = by_root[survey.storage.root], []
            for file in survey.strays:
                table = _find_nearest(tables, file.path) or ("any table" if self.is_given else None)
                if table is None:
                    strays.append(file)
                else:
                    rejects.append(_reject_unnamed(file, table))
            survey.strays = strays
            survey.unusable += rejects


def claim_files(
    found: FoundTables,
    listings: Sequence[Listing],
    repeats: Collection[FileKey],
    layouts: Sequence[Layout],
    normal_words: frozenset[str],
) -> Claims:
    """Decides what the tables take: images that no other layout has a place for, and whatever an overruling one names.

    Args:
        found: The tables of all roots.
        listings: All files below each root.
        repeats: Files that are counted under another path.
        layouts: The layouts that come into question.
        normal_words: The keys of words that mean `good`.
    """
    claiming = _Claiming(repeats, layouts, normal_words)
    for table in found.tables:
        if table.file.key not in repeats:
            claiming.add(table)
    claims = claiming.finish(listings)
    claims.notes += found.notes
    claims.strange += found.strange
    claims.roots = {folder.root for folder in claims.folders} | {root for root, _ in found.named.intersection(repeats)}
    return claims


class _Claiming:
    """The images of all tables so far."""

    def __init__(self, repeats: Collection[FileKey], layouts: Sequence[Layout], normal_words: frozenset[str]) -> None:
        self._repeats, self._layouts, self._normal_words = repeats, layouts, normal_words
        self._is_placed: dict[str, bool] = {}
        self._facts: dict[FileKey, RowFacts | None] = {}
        self._taken: list[tuple[ImageTable, list[tuple[FileEntry, RowFacts]]]] = []
        self._claims = Claims(is_given=[layout.name for layout in layouts] == [TABLE_LAYOUT])

    def add(self, table: ImageTable) -> None:
        """Takes the images of a table that no table before it has taken."""
        rows: dict[FileKey, list[TableRow]] = defaultdict(list)
        images: dict[FileKey, FileEntry] = {}
        for row, image in table.rows:
            rows[image.key].append(row)
            images[image.key] = image
        words = read_words(table, self._normal_words)
        taken = []
        for key, image in images.items():
            if facts := self._take(table, image, rows[key], words):
                taken.append((image, facts))
        if taken:
            self._taken.append((table, taken))
        else:
            self._claims.notes += [f"{table.file.path}: {remark}" for remark in table.remarks]

    def _take(self, table: ImageTable, image: FileEntry, rows: list[TableRow], words: TableWords) -> RowFacts | None:
        """Takes an image and returns what is said of it, or remarks why it is not taken."""
        example = f"{rows[0].where}: {rows[0].image}"
        if image.key in self._repeats:
            table.remarks.add("with a file that a link leads to, and that is counted under another path", example)
            return None
        if not table.overrules and self._has_place(image):
            text = "with an image that its folders describe, which count; `layout` table goes by the table"
            table.remarks.add(text, example)
            return None
        try:
            facts = self._agree(table, rows, words)
        except RowFaultError as fault:
            if image.key not in self._facts:
                self._reject(table, image, rows[0], fault)
            return None
        if image.key in self._facts:
            same = self._facts[image.key] == facts
            says = "says the same" if same else "says something else and counts"
            table.remarks.add(f"with an image of a table before it, which {says}", example)
            return None
        self._facts[image.key] = facts
        return facts

    def _has_place(self, image: FileEntry) -> bool:
        """Tells whether another layout has a place for an image."""
        folder = image.path.rpartition("/")[0]
        if folder not in self._is_placed:
            self._is_placed[folder] = find_place(folder, self._layouts) is not None
        return self._is_placed[folder]

    def _agree(self, table: ImageTable, rows: list[TableRow], words: TableWords) -> RowFacts:
        first, *others = [read_facts(table, row, words) for row in rows]
        for row, other in zip(rows[1:], others, strict=True):
            if other != first:
                raise RowFaultError("in contradiction to another row of its image", f"{rows[0].where}, {row.where}")
            table.remarks.add(_ROWS_OF_ONE, f"{row.where}: {row.image}")
        return first

    def _reject(self, table: ImageTable, image: FileEntry, row: TableRow, fault: RowFaultError) -> None:
        self._facts[image.key] = None
        table.remarks.add(f"{fault.kind}, whose images are rejects", f"{row.where}: {fault.found}")
        message = f"{table.file.path}, {row.where}: a row {fault.kind} ({fault.found}); correct the table"
        self._claims.rejects.append(Unusable(image, Reason.UNUSABLE_ROW, message))

    def finish(self, listings: Sequence[Listing]) -> Claims:
        """Gives each mask to its image, and makes categories of all images that were taken."""
        claims = self._claims
        shared = self._find_shared_masks()
        claims.files |= self._facts.keys()
        for table, taken in self._taken:
            described = [(image, self._keep_mask(table, facts, shared)) for image, facts in taken]
            claims.files |= {facts.mask.key for _, facts in described if facts.mask}
            base = find_base(table, (image for image, _ in taken))
            claims.folders += make_folders(table, base, described)
            claims.texts[table.file.key] = READ_TABLE
            claims.bases[table.file.key] = base
            claims.notes += [f"{table.file.path}: {remark}" for remark in table.remarks]
        claims.files |= {reject.file.key for reject in claims.rejects}
        self._reject_beside(listings)
        return claims

    def _find_shared_masks(self) -> set[FileKey]:
        """Returns the masks of several images, which are nobody's, and rejects them."""
        masks = [facts.mask for facts in self._facts.values() if facts and facts.mask]
        counts = Counter(mask.key for mask in masks)
        shared = {mask.key: mask for mask in masks if counts[mask.key] > 1 and mask.key not in self._facts}
        for mask in shared.values():
            message = f"a table names it as the mask of {counts[mask.key]} images; give each a mask of its own"
            if mask.key not in self._repeats:
                self._claims.rejects.append(Unusable(mask, Reason.AMBIGUOUS_MASK, message))
        return set(shared)

    def _keep_mask(self, table: ImageTable, facts: RowFacts, shared: set[FileKey]) -> RowFacts:
        """Returns what is known of an image, without a mask that cannot be its own."""
        mask = facts.mask
        if mask is None or not (mask.key in self._repeats or mask.key in shared or mask.key in self._facts):
            return facts
        table.remarks.add("with a mask that is another image's too, or an image itself", mask.path)
        return replace(facts, mask=None, has_lost_mask=True)

    def _reject_beside(self, listings: Sequence[Listing]) -> None:
        """Rejects the images below the folder of an overruling table that no table names."""
        claims = self._claims
        for listing in listings:
            root = listing.files[0].root if listing.files else ""
            tables = {
                table.folder: table.file.path for table, _ in self._taken if table.overrules and table.file.root == root
            }
            for file in listing.files if tables else ():
                table = _find_nearest(tables, file.path)
                if table and file.key not in claims.files and file.key not in self._repeats and _is_image(file):
                    claims.files.add(file.key)
                    claims.rejects.append(_reject_unnamed(file, table))


def _is_image(file: FileEntry) -> bool:
    return judge_name(file.path, file.path.rpartition("/")[2]) is None


def _find_nearest(tables: Mapping[str, str], path: str) -> str | None:
    """Returns, of tables by the folder that each is about, the one of the deepest folder that has a file."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in tables:
            return tables[folder]
    return None


def _reject_unnamed(file: FileEntry, table: str) -> Unusable:
    *folders, filename = file.path.split("/")
    if any(map(is_mask_folder, folders)) or find_mask_word(filename.rpartition(".")[0]):
        message = f"called like a mask, and no row in {table} names it: write it into the column mask of its image"
    else:
        message = f"an image without a row in {table}: add one for it"
    return Unusable(file, Reason.OUTSIDE_LAYOUT, message)
