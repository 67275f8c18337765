"""The account of one run: every file seen ends as image, mask, reject or ignored, and is counted once."""

from __future__ import annotations

from collections import Counter

from darkroom.errors import AccountingError
from darkroom.load.loaded import Loaded, LoadedReject
from darkroom.load.plan import Plan
from darkroom.load.report import Count, RejectedFile
from darkroom.load.sample_reader import SampleRows
from darkroom.sample import FileEntry, FileKey, Findings, Reject, Sample


class Ledger:
    """Counts files as they are settled; what is to be done about them is for others to decide.

    Attributes:
        images: Image files by what became of them.
        masks: Mask files by what became of them.
        rejects: The rejects of the run, new and old, by file.
        ignored: Number of ignored files by why.
    """

    def __init__(self, findings: Findings, plan: Plan, loaded: Loaded) -> None:
        self.images, self.masks = Count(), Count()
        self.rejects: dict[FileKey, Reject | LoadedReject] = {reject.file.key: reject for reject in findings.rejects}
        self.ignored: Counter[str] = Counter(ignored.why for ignored in findings.ignored)
        self._loaded = loaded
        for file in plan.settled_rejects:
            self._keep_reject(file)
        for sample in plan.settled:
            self._keep_sample(sample)

    @property
    def files_accounted(self) -> int:
        """Images + masks + rejects + ignored."""
        return self.images.total + self.masks.total + len(self.rejects) + self.ignored.total()

    @property
    def new_rejects(self) -> int:
        """Rejects that the table did not hold, or held for another reason."""
        return sum(1 for reject in self.rejects.values() if not self._loaded.holds_reject(reject))

    def rejected_files(self) -> tuple[RejectedFile, ...]:
        """Returns all rejects of the run, new and old, by path."""
        rejects = sorted(self.rejects.values(), key=lambda reject: (reject.file.path, reject.file.root))
        return tuple(RejectedFile(reject.file.path, str(reject.reason), reject.message) for reject in rejects)

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

    def enter(self, rows: SampleRows) -> None:
        """Counts the files of one sample that was read."""
        self.rejects.update((reject.file.key, reject) for reject in rows.rejects)
        self.ignored.update(ignored.why for ignored in rows.ignored)
        if rows.is_unchanged:
            self._keep_sample(rows.candidate.sample)
        if rows.image is not None:
            self.images.add(is_new=rows.candidate.image is None)
        if rows.mask is not None:
            for _ in rows.candidate.sample.masks:
                self.masks.add(is_new=rows.candidate.mask is None)

    def _keep_sample(self, sample: Sample) -> None:
        self.images.unchanged += 1
        if sample.sample_id in self._loaded.masks:
            self.masks.unchanged += len(sample.masks)
        else:
            for mask in sample.masks:
                if mask.key not in self.rejects:
                    self._keep_reject(mask)
        for copy in sample.copies + sample.mask_copies:
            if self._loaded.is_rejected(copy) and copy.key not in self.rejects:
                self._keep_reject(copy)

    def _keep_reject(self, file: FileEntry) -> None:
        self.rejects[file.key] = self._loaded.rejects[file.key]
