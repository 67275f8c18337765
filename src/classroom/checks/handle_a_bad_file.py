"""Exercise 4: a file that cannot be read becomes a row of `rejects`, and every other file a row of `images`."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dlt
from dlt.common.exceptions import DltException
from PIL import Image

from classroom.checks import EMPTY, Evidence, Names, StepCheck, WrongAnswer
from classroom.checks._loaded import is_blank, is_rows, returned_no_rows
from classroom.course.answers import describe_exception
from classroom.course.outcomes import CheckResult, failed, passed
from classroom.course.workspace import Workspace
from darkroom.errors import iter_causes
from darkroom.sample_data.encode import wrap_png
from darkroom.sample_data.faulty_files import iter_faulty_files

SIZE_PX = 32
"""Edge of the tensors of this exercise."""
_FOLDER = "faulty/gasket/train/good/"
_SHOWN = (
    *("000.png", "truncated.png", "001.png", "bomb.png", "text.png", "palette.png", "empty.png"),
    *("bitmap.bmp", "rotated.jpg"),
)
"""The files of the page in the order in which they come: bad ones among good ones."""
_CHECKED = {
    "31.png": "000.png",
    "32.jpg": "truncated.jpg",
    "33.png": "text.png",
    "34.png": "001.png",
    "35.png": "bomb.png",
    "36.png": "truncated.png",
    "37.png": "palette.png",
    "38.png": "empty.png",
    "39.bmp": "bitmap.bmp",
    "40.jpg": "rotated.jpg",
}
"""The files of the check under names that tell nothing, and what each of them is; the JPEG is one more."""
_BAD = tuple(
    name for name, what in _CHECKED.items() if what.partition(".")[0] in ("truncated", "text", "bomb", "empty")
)
_BOMB_PX = 20_000
_FROM_A_FILE = (OSError, Image.DecompressionBombError)
"""What Pillow raises because of these files; anything else is a mistake in the code."""


def write_files(folder: Path) -> list[Path]:
    """Writes the nine files of the page into a folder that may not be there yet, and returns their paths in order.

    They are those of `sample_data/faulty/gasket/train/good`, drawn anew: pictures of five kinds, a PNG whose copying
    stopped half-way, a header that claims 20000 × 20000 pixels, a text, and zero bytes.
    """
    return _write(folder, {name: name for name in _SHOWN})


def _write(folder: Path, files: Mapping[str, str]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    contents = {file.path.removeprefix(_FOLDER): file.content for file in iter_faulty_files(seed=0)}
    # above Pillow's limit, and yet no more than 1.2 GB for whoever switches that off
    contents["bomb.png"] = wrap_png(_BOMB_PX, _BOMB_PX, 0, zlib.compress(bytes(_BOMB_PX + 1), 9))
    # as long as another bad one, so that the size of a file tells nothing
    contents["text.png"] = contents["text.png"].ljust(len(contents["bomb.png"]), b"\n")[: len(contents["bomb.png"])]
    for name, what in files.items():
        (folder / name).write_bytes(contents[what])
    return [folder / name for name in files]


def load_files(read_files: Any, paths: Sequence[Path], workspace: Workspace) -> Evidence:
    """Loads what `read_files` yields, and writes down the rows of `images` and `rejects`, or what stopped it.

    Args:
        read_files: The learner's generator.
        paths: What to call it with.
        workspace: Where to load.
    """
    answer = read_files(paths)
    if not is_rows(answer):
        return {"returned": type(answer).__name__}
    stopped = ""
    try:
        workspace.pipeline().run(dlt.resource(answer, name="images"))
    except DltException as error:
        cause = next((cause for cause in iter_causes(error) if not isinstance(cause, DltException)), error)
        if not isinstance(cause, _FROM_A_FILE):
            raise cause from error
        stopped = describe_exception(cause)
    tables = workspace.tables()
    return {
        "stopped": stopped,
        "tables": tables,
        "images": [[row.get("filename"), _count_bytes(row)] for row in _read_rows(workspace, "images", tables)],
        "rejects": [[row.get("filename"), row.get("reason")] for row in _read_rows(workspace, "rejects", tables)],
    }


def _read_rows(workspace: Workspace, table: str, tables: list[str]) -> list[dict[str, Any]]:
    if table not in tables:
        return []
    columns = [name for name, *_ in workspace.query(f"DESCRIBE inspection.{table}")]
    rows = workspace.query(f"FROM inspection.{table} ORDER BY ALL")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _count_bytes(row: dict[str, Any]) -> int:
    tensor = row.get("image_tensor")
    return len(tensor) if isinstance(tensor, bytes) else 0


def collect(names: Names, workspace: Workspace) -> Evidence:
    """Returns rows of both tables after one run over ten files, five of them bad."""
    read_files = names["read_files"]
    return EMPTY if is_blank(read_files) else load_files(read_files, _write(workspace.folder, _CHECKED), workspace)


def judge(evidence: Evidence) -> CheckResult:
    """Counts files: first whether all arrived, then whether each is where it belongs, with its reason."""
    if "returned" in evidence:
        return returned_no_rows(evidence["returned"], _CALL)
    if evidence["stopped"]:
        return failed(
            "One bad file stopped the run, and the good ones were not loaded either.",
            expected=f"{len(_CHECKED) - len(_BAD)} images and {len(_BAD)} rejects",
            actual=evidence["stopped"],
            next_step="Look at what Pillow raised here: does your `except` catch it, and what else can a file do?",
            call=_CALL,
        )
    images, rejects = (Counter(name for name, _ in evidence[table]) for table in ("images", "rejects"))
    return (
        _judge_counts(images, rejects, evidence["tables"])
        or _judge_rows(evidence)
        or passed(
            "Ten files seen = five images + five rejects: nothing vanishes, nothing stops the run, and one query over "
            "`rejects` tells what to copy again. Around one file a wide `except` is right: it keeps the reason."
        )
    )


def _judge_counts(images: Counter[str], rejects: Counter[str], tables: list[str]) -> CheckResult | None:
    seen = images + rejects
    if vanished := [name for name in _CHECKED if not seen[name]]:
        return failed(
            f"{len(vanished)} of {len(_CHECKED)} files vanished: they are in neither table.",
            expected="files seen = images + rejects",
            actual=f"neither in images nor in rejects: {_tell(vanished)}; tables: {', '.join(tables) or 'none'}",
            next_step="For each path, on its own, yield either a row of `images` or a row of `rejects`.",
            call=_CALL,
        )
    if doubles := [name for name in seen if seen[name] > 1 or name not in _CHECKED]:
        return failed(
            "A file was counted more than once.",
            expected="each file in one row of one table",
            actual=", ".join(f"{name}: {seen[name]} rows" for name in doubles),
            next_step="Yield one row for each path: `else` after `except` runs only where nothing was raised.",
            call=_CALL,
        )
    if strangers := [name for name in _CHECKED if (images if name in _BAD else rejects)[name]]:
        return failed(
            "A file is in the wrong table.",
            expected=f"in rejects: {_tell(_BAD)}",
            actual=f"in the wrong table: {_tell(strangers)}",
            next_step="Only what `read_row` raises for is a reject, and a reject has no row in `images`.",
            call=_CALL,
        )
    return None


def _judge_rows(evidence: Evidence) -> CheckResult | None:
    reasons = {
        name: str(reason or "").replace(name, "").replace(Path(name).stem, "").strip()
        for name, reason in evidence["rejects"]
    }
    if empty := [name for name, reason in reasons.items() if not reason]:
        return failed(
            "A reject has no reason: nobody can tell what to do about it.",
            expected="a text in the column `reason` of each row",
            actual=f"no reason for {_tell(sorted(empty))}",
            next_step="The exception knows what is wrong: keep it as text in the column `reason`.",
            call="SELECT filename, reason FROM inspection.rejects",
        )
    by_reason: dict[str, list[str]] = {}
    for name, what in _CHECKED.items():
        if what in ("truncated.png", "bomb.png", "text.png"):
            by_reason.setdefault(reasons[name], []).append(name)
    if alike := next((names for names in by_reason.values() if len(names) > 1), None):
        return failed(
            "Rejects have the same reason, though each of these files has something else wrong.",
            expected="what Pillow said of each file",
            actual=f"{reasons[alike[0]]!r} for {_tell(alike)}",
            next_step="Catch the exception by name, and keep its class or its message.",
            call="SELECT filename, reason FROM inspection.rejects",
        )
    if short := [name for name, count in evidence["images"] if count != SIZE_PX * SIZE_PX * 3]:
        return failed(
            "A row of `images` has no picture in it.",
            expected=f"{SIZE_PX * SIZE_PX * 3} bytes in `image_tensor`",
            actual=f"other than that for {short[0]}",
            next_step="Yield the row as `read_row` returns it.",
            call="SELECT filename, octet_length(image_tensor) FROM inspection.images",
        )
    return None


def _tell(names: Iterable[str]) -> str:
    return ", ".join(f"{name} ({_CHECKED[name]} under another name)" for name in names)


_CALL = "pipeline.run(read_files(paths))"
_TRY = """
for path in paths:
    try:
        row = read_row(path)
    except Exception as error:
        yield dlt.mark.with_table_name({"filename": path.name, "reason": repr(error)}, "rejects")
    else:
        yield dlt.mark.with_table_name(row, "images")
"""
_VERIFY = """
for path in paths:
    try:
        with Image.open(path) as picture:
            picture.verify()
    except Exception as error:
        yield dlt.mark.with_table_name({"filename": path.name, "reason": repr(error)}, "rejects")
    else:
        yield dlt.mark.with_table_name(read_row(path), "images")
"""
_STOPPED = "One bad file stopped the run"

STEPS = (
    StepCheck(
        collect,
        judge,
        wrong_answers=(
            WrongAnswer("no try at all", "for path in paths:\n    yield read_row(path)", _STOPPED),
            WrongAnswer(
                "only files that are no image",
                "from PIL import UnidentifiedImageError\n" + _TRY.replace("Exception", "UnidentifiedImageError"),
                _STOPPED,
            ),
            WrongAnswer("only OSError", _TRY.replace("Exception", "OSError"), _STOPPED),
            WrongAnswer(
                "except: pass",
                "for path in paths:\n    try:\n        yield read_row(path)\n    except Exception:\n        pass",
                "5 of 10 files vanished",
            ),
            WrongAnswer(
                "the loop inside the try",
                """
                try:
                    for path in paths:
                        yield read_row(path)
                except Exception as error:
                    yield dlt.mark.with_table_name({"filename": path.name, "reason": repr(error)}, "rejects")
                """,
                "8 of 10 files vanished",
            ),
            WrongAnswer("rejects without reason", _TRY.replace(', "reason": repr(error)', ""), "has no reason"),
            WrongAnswer("one reason for all", _TRY.replace("repr(error)", '"bad file"'), "have the same reason"),
            WrongAnswer(
                "the size of the file as reason",
                _TRY.replace("repr(error)", 'f"bad file of {path.stat().st_size} bytes"'),
                "have the same reason",
            ),
            WrongAnswer("the name of the file as reason", _TRY.replace("repr(error)", "path.stem"), "has no reason"),
            WrongAnswer("Pillow's verify, which decodes nothing", _VERIFY, _STOPPED),
            WrongAnswer(
                "a list of the bad files of the page",
                _TRY.replace(
                    "try:", "try:\n        assert path.stem not in ('truncated', 'bomb', 'text', 'empty')"
                ).replace("Exception", "AssertionError"),
                _STOPPED,
            ),
        ),
        demands=(
            "each file ends in exactly one row",
            "`filename`",
            "`reason`",
            "`rejects`",
            "one trouble from another",
        ),
    ),
)
