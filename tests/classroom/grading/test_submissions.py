"""What is handed in: folders, zips, and everything that should not be in them."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest

from classroom.errors import GradingError
from classroom.grading.submissions import NOTEBOOK_LIMIT_BYTES, Submission, read_submissions

IDS = ("01_one", "02_two")


def read_one(folder: Path) -> Submission:
    (submission,), _ = read_submissions(folder, IDS)
    return submission


def make_zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def write(path: Path, content: bytes = b"print()") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_folder(tmp_path: Path) -> None:
    write(tmp_path / "ada" / "01_one.py", b"one")
    write(tmp_path / "ada" / "exercises" / "02_two.py", b"two")
    submission = read_one(tmp_path)
    assert (submission.student, submission.notebooks) == ("ada", {"01_one": b"one", "02_two": b"two"})
    assert (submission.problems, submission.notes) == ({}, ())


def test_zip_with_one_folder_in_it(tmp_path: Path) -> None:
    make_zip(tmp_path / "bob.zip", {"bob/": b"", "bob/01_one.py": b"one", "__MACOSX/bob/._01_one.py": b"junk"})
    submission = read_one(tmp_path)
    assert (submission.student, submission.notebooks, submission.notes) == ("bob", {"01_one": b"one"}, ())


def test_students_are_sorted_and_a_folder_wins_over_its_zip(tmp_path: Path) -> None:
    make_zip(tmp_path / "ada.zip", {"01_one.py": b"zip"})
    make_zip(tmp_path / "Zoe.zip", {"01_one.py": b"zoe"})
    write(tmp_path / "ada" / "01_one.py", b"folder")
    write(tmp_path / "bob" / "01_one.py")
    submissions, notes = read_submissions(tmp_path, IDS)
    assert [submission.student for submission in submissions] == ["Zoe", "ada", "bob"]
    assert submissions[1].notebooks == {"01_one": b"folder"}
    assert notes == ["ada.zip was left out: the folder ada is graded."]


def test_unknown_files_are_named_once(tmp_path: Path) -> None:
    write(tmp_path / "grades.csv")
    write(tmp_path / "ada" / "01_one.py", b"first")
    for name in ("old/01_one.py", "03_three.py", "a", "b", "c", "d", "e", ".hidden", "__pycache__/x.pyc"):
        write(tmp_path / "ada" / name)
    (submission,), notes = read_submissions(tmp_path, IDS)
    assert submission.notebooks == {"01_one": b"first"}
    assert submission.notes == ("ada: no exercise of this course, or there twice: 03_three.py, a, b, c, d and 2 more.",)
    assert notes == ["grades.csv is no submission and was left out: expected a folder or a zip."]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret" / "01_one.py", b"secret")
    folder = tmp_path / "in"
    write(folder / "ada" / "02_two.py")
    try:
        (folder / "ada" / "01_one.py").symlink_to(secret)
        (folder / "ada" / "more").symlink_to(secret.parent, target_is_directory=True)
        (folder / "bob").symlink_to(secret.parent, target_is_directory=True)
    except OSError as error:
        pytest.skip(f"links cannot be made here: {error}")
    (submission,), notes = read_submissions(folder, IDS)
    assert submission.notebooks.keys() == {"02_two"}
    assert submission.problems == {
        "01_one": "01_one.py is a symbolic link, which is not followed; expected a notebook."
    }
    assert notes == ["bob is no submission and was left out: expected a folder or a zip."]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    os.mkfifo(tmp_path / "ada" / "01_one.py")
    assert read_one(tmp_path).problems == {"01_one": "01_one.py is a pipe; expected a notebook."}


def test_folder_called_like_a_notebook(tmp_path: Path) -> None:
    write(tmp_path / "ada" / "01_one.py" / "01_one.py")
    assert read_one(tmp_path).problems == {"01_one": "01_one.py is a folder; expected a notebook."}


@pytest.mark.parametrize("as_zip", [False, True])
def test_huge_notebook_is_not_read(tmp_path: Path, as_zip: bool) -> None:
    content = b"#" * (NOTEBOOK_LIMIT_BYTES + 1)
    if as_zip:
        make_zip(tmp_path / "ada.zip", {"01_one.py": content})
    else:
        write(tmp_path / "ada" / "01_one.py", content)
    assert read_one(tmp_path).problems == {"01_one": "01_one.py is larger than 1 MiB; notebooks are not."}


def test_zip_writes_nothing_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "in"
    folder.mkdir(parents=True)
    make_zip(
        folder / "eve.zip", {"../../escaped.py": b"", "/absolute.py": b"", "..\\..\\back.py": b"", "01_one.py": b""}
    )
    submission = read_one(folder)
    assert submission.notebooks == {"01_one": b""}
    assert "../../escaped.py" in submission.notes[0]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "eve.zip", "in"]


def test_link_in_a_zip(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("01_one.py")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "eve.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert read_one(tmp_path).problems == {"01_one": "01_one.py is a link in the zip, which is not followed."}


def test_zip_that_is_none_counts_for_its_student_only(tmp_path: Path) -> None:
    write(tmp_path / "ada.zip", b"PK\x03\x04 not a zip")
    write(tmp_path / "bob" / "01_one.py")
    (ada, bob), _ = read_submissions(tmp_path, IDS)
    assert set(ada.problems.values()) == {"ada.zip cannot be read: File is not a zip file"}
    assert bob.notebooks.keys() == {"01_one"}


def test_damaged_member_counts_for_its_exercise_only(tmp_path: Path) -> None:
    path = tmp_path / "ada.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("01_one.py", b"AAAAAAAA")
        archive.writestr("02_two.py", b"BBBBBBBB")
    path.write_bytes(path.read_bytes().replace(b"AAAAAAAA", b"AAAAAAAX"))
    submission = read_one(tmp_path)
    assert submission.notebooks == {"02_two": b"BBBBBBBB"}
    assert "01_one.py cannot be unpacked: Bad CRC-32" in submission.problems["01_one"]


@pytest.mark.parametrize("exists", [False, True])
def test_nothing_to_grade(tmp_path: Path, exists: bool) -> None:
    folder = tmp_path / "in"
    if exists:
        folder.mkdir()
    with pytest.raises(GradingError, match="holds no submission" if exists else "cannot be read"):
        read_submissions(folder, IDS)
