"""The account of one run: every file seen ends as image, mask, reject or ignored, and is counted once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from darkroom.errors import AccountingError
from darkroom.extract.dataset_facts import DatasetFacts
from darkroom.fingerprint import make_fingerprint
from darkroom.load.plan import FileKey, Loaded, LoadedFile, LoadedImage, Plan
from darkroom.load.report import Count, RejectedFile
from darkroom.load.resources import Batch, make_table
from darkroom.load.rows import Harmonisation, Outcome, Row, reject_row, to_microseconds
from darkroom.sample import FileEntry, Findings, Reject, Sample


class Ledger:
    """Counts files as they are settled, and knows what the tables hold once the run is over.

    Attributes:
        images: Image files by what became of them.
        masks: Mask files by what became of them.
        rejects: Reject rows of the run, new and old, by file.
        ignored: Number of ignored files by why.
        displaced_images: `sample_id`s whose image row, and mask row, have to go.
        displaced_masks: `sample_id`s whose mask row has to go.
    """

    def __init__(
        self,
        findings: Findings,
        plan: Plan,
        loaded: Loaded,
        facts: dict[str, DatasetFacts],
        harmonisation: Harmonisation,
    ) -> None:
        self.images, self.masks = Count(), Count()
        self.rejects: dict[FileKey, Row] = {}
        self.ignored: Counter[str] = Counter(ignored.why for ignored in findings.ignored)
        self.displaced_images = list(plan.displaced_images)
        self.displaced_masks: list[str] = []
        self._reading = findings
        self._loaded = loaded
        self._facts = facts
        self._harmonisation = harmonisation
        self._enter_rejects(findings.rejects)
        for file in plan.settled_rejects:
            self._keep_reject(file)
        for sample in plan.settled:
            self._keep_sample(sample)
        for sample_id in plan.displaced_images:
            self._forget(sample_id)

    @property
    def files_accounted(self) -> int:
        """Images + masks + rejects + ignored."""
        return self.images.total + self.masks.total + len(self.rejects) + self.ignored.total()

    @property
    def new_rejects(self) -> int:
        """Rejects that the table did not hold, or held for another reason."""
        return sum(1 for key in self.rejects if not self._is_known_reject(key))

    def rejected_files(self) -> tuple[RejectedFile, ...]:
        """All rejects of the run, new and old, by path."""
        rows = sorted(self.rejects.values(), key=lambda row: (row["source_path"], row["source_root"]))
        return tuple(RejectedFile(row["source_path"], row["reason"], row["message"]) for row in rows)

    def check(self, files_seen: int) -> None:
        """Proves that nothing vanished.

        Raises:
            AccountingError: A file was seen and is in no column, or in two.
        """
        if self.files_accounted != files_seen:
            raise AccountingError(
                f"{files_seen} files were seen, but {self.files_accounted} accounted for "
                f"({self.images.total} images, {self.masks.total} masks, {len(self.rejects)} rejects, "
                f"{self.ignored.total()} ignored). This is a defect of darkroom: please report it."
            )

    def enter(self, outcome: Outcome) -> None:
        """Counts the files of one sample that was read, and remembers the rows that it leaves."""
        sample, candidate = outcome.candidate.sample, outcome.candidate
        self._enter_rejects(outcome.rejects)
        self.ignored.update(ignored.why for ignored in outcome.ignored)
        if outcome.is_unchanged:
            self._keep_sample(sample)
            return
        if outcome.image is None:
            if not candidate.is_new:
                self.displaced_images.append(sample.sample_id)
                self._forget(sample.sample_id)
            return
        self._enter_image(sample, outcome.image, is_new=candidate.image is None)
        if outcome.mask is not None:
            self._enter_mask(sample, outcome.mask, is_new=candidate.mask is None)
        elif candidate.mask is not None and not candidate.keeps_mask:
            self.displaced_masks.append(sample.sample_id)
            self._loaded.masks.pop(sample.sample_id, None)

    def forget(self, sample_ids: Iterable[str]) -> None:
        """Takes note that the rows of these samples are deleted."""
        for sample_id in sample_ids:
            self._forget(sample_id)

    def outdated_rejects(self, roots: Iterable[str]) -> list[FileKey]:
        """Rejects in the table whose file is no reject any more, or no longer there."""
        current = set(roots)
        return [key for key in self._loaded.rejects if key[0] in current and key not in self.rejects]

    def fingerprints(self) -> dict[str, str]:
        """The fingerprints of all image datasets as the last `final_batch` left them, by name."""
        return {name: row["fingerprint"] for name, row in self._loaded.image_datasets.items()}

    def final_batch(self) -> Batch:
        """The small tables, as far as they change: rejects found by the readers, and the image datasets."""
        rejects = [
            reject_row(reject) for reject in self._reading.rejects if not self._is_known_reject(_key(reject.file))
        ]
        datasets = {
            name: row
            for name, row in self._image_dataset_rows().items()
            if self._loaded.image_datasets.get(name) != row
        }
        self._loaded.image_datasets.update(datasets)
        rows = {"rejects": rejects, "image_datasets": list(datasets.values())}
        return {name: make_table(name, table_rows) for name, table_rows in rows.items() if table_rows}

    def _image_dataset_rows(self) -> dict[str, Row]:
        """The rows of `image_datasets` for what the tables hold now, by name."""
        samples: dict[str, list[str]] = {name: [] for name in (*self._loaded.image_datasets, *self._reading.layouts)}
        for sample_id, image in self._loaded.images.items():
            if image.source_dataset in samples:
                samples[image.source_dataset].append(sample_id)
        return {name: self._image_dataset_row(name, sorted(ids)) for name, ids in samples.items()}

    def _image_dataset_row(self, name: str, sample_ids: list[str]) -> Row:
        images, masks = self._loaded.images, self._loaded.masks
        mask_hashes = {key: masks[key].content_sha256 for key in sample_ids if key in masks}
        content = ((key, images[key].file.content_sha256, mask_hashes.get(key)) for key in sample_ids)
        return {
            **self._facts_row(name),
            "name": name,
            "root": "\n".join(sorted({images[key].file.root for key in sample_ids})),
            "file_count": len(sample_ids) + len(mask_hashes),
            "fingerprint": make_fingerprint(content),
            "size_px": self._harmonisation.size_px,
            "fit": str(self._harmonisation.fit),
        }

    def _facts_row(self, name: str) -> Row:
        """What was found out now; of an image dataset that this run has not met, what its row says."""
        if name not in self._reading.layouts:
            return self._loaded.image_datasets[name]
        return {"layout": self._reading.layouts[name], **asdict(self._facts[name])}

    def _enter_rejects(self, rejects: Iterable[Reject]) -> None:
        for reject in rejects:
            self.rejects[_key(reject.file)] = reject_row(reject)

    def _keep_reject(self, file: FileEntry) -> None:
        known = self._loaded.rejects[_key(file)]
        self.rejects[_key(file)] = {
            "source_dataset": known.source_dataset,
            "source_root": file.root,
            "source_path": file.path,
            "reason": known.reason,
            "message": known.message,
        }

    def _is_known_reject(self, key: FileKey) -> bool:
        known, row = self._loaded.rejects.get(key), self.rejects[key]
        return known is not None and known.reason == row["reason"]

    def _keep_sample(self, sample: Sample) -> None:
        self.images.unchanged += 1
        if sample.mask is not None:
            if sample.sample_id in self._loaded.masks:
                self.masks.unchanged += 1
            elif _key(sample.mask) not in self.rejects:
                self._keep_reject(sample.mask)
        for copy in sample.copies + sample.mask_copies:
            if self._loaded.is_rejected(copy) and _key(copy) not in self.rejects:
                self._keep_reject(copy)

    def _enter_image(self, sample: Sample, row: Row, *, is_new: bool) -> None:
        _tally(self.images, is_new=is_new)
        self._loaded.images[sample.sample_id] = LoadedImage(
            _row_file(row), sample.source_dataset, row["label"], row["has_mask"]
        )

    def _enter_mask(self, sample: Sample, row: Row, *, is_new: bool) -> None:
        _tally(self.masks, is_new=is_new)
        self._loaded.masks[sample.sample_id] = _row_file(row)

    def _forget(self, sample_id: str) -> None:
        self._loaded.images.pop(sample_id, None)
        self._loaded.masks.pop(sample_id, None)


def _tally(count: Count, *, is_new: bool) -> None:
    if is_new:
        count.new += 1
    else:
        count.replaced += 1


def _key(file: FileEntry) -> FileKey:
    return file.root, file.path


def _row_file(row: dict[str, Any]) -> LoadedFile:
    return LoadedFile(
        row["source_root"],
        row["source_path"],
        row["file_size_bytes"],
        to_microseconds(row["modified_at"]),
        row["content_sha256"],
    )
