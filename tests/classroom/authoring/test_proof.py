"""`classroom dev check` finds what is wrong with a course, and the real course holds."""

from __future__ import annotations

import pytest

from classroom.authoring.proof import prove
from classroom.authoring.scaffold import begin_exercise
from classroom.authoring.sync import sync
from classroom.course.registry import Course, read_course
from classroom.errors import CourseError

NAME = "01_read_a_layout"


def rewrite(course: Course, file: str, old: str, new: str) -> Course:
    path = course.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_course(course.root)


def test_a_sound_course_has_no_problem(course: Course) -> None:
    assert prove(course) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("lessons/course.toml", "minutes = 6\n", "minutes = 5\n", "its beats take 9 minutes; expected 10"),
        ("lessons/course.toml", 'objectives = ["See it"]', "objectives = []", "objectives and minutes are needed"),
        ("lessons/course.toml", 'exercises = ["01_read_a_layout"]', "", "no lesson names it"),
        ("lessons/course.toml", 'title = "A small course"\nminutes = 10', 'title = "A"\nminutes = 60', "expected 60"),
        (f"exercises/{NAME}.py", "# 1", "# One", "is not what its master says"),
        (f"solutions/{NAME}.py", 'label != "good",', 'label == "good",', "the solution gives fail"),
        (f"solutions/{NAME}.py", "# BEGIN SOLUTION", "return 7\n        # BEGIN SOLUTION", "the empty gap gives fail"),
        (
            f"solutions/{NAME}.py",
            "Complete `read_sample`",
            "Complete `category, split, label, filename = PurePosixPath(path).parts`",
            "gives this line of the solution away",
        ),
        (f"solutions/{NAME}.py", "`mvtec_ad/` before it", "a source before it", "wants '`mvtec_ad/` before it'"),
        (f"solutions/{NAME}.py", "For example,", "Thus,", "no input with what comes of it"),
    ],
)
def test_each_fault_is_named(course: Course, file: str, old: str, new: str, words: str) -> None:
    spoilt = rewrite(course, file, old, new)
    if file.startswith("solutions"):
        sync(spoilt)
    problems = prove(spoilt)
    assert any(words in problem for problem in problems), problems


def test_a_wrong_answer_that_passes_is_a_fault_of_the_check(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    from classroom.checks import StepCheck, WrongAnswer, read_a_layout

    check = read_a_layout.STEPS[0]
    lenient = StepCheck(check.collect, check.judge, (WrongAnswer("right", "return None", "never"),))
    monkeypatch.setattr(read_a_layout, "STEPS", (lenient,))
    problems = prove(course)
    assert f"{NAME}: 1 wrong answers; expected at least 2." in problems
    assert any("wrong answer 'right': gives todo" in problem for problem in problems)


def test_an_orphan_file_is_found(course: Course) -> None:
    (course.root / "solutions" / "99_lost.py").write_text("", encoding="utf-8")
    (course.root / "lessons" / "deep_dives").mkdir()
    (course.root / "lessons" / "deep_dives" / "lost.py").write_text("", encoding="utf-8")
    problems = prove(course)
    assert "solutions/99_lost.py: no exercise of course.toml is called so." in problems
    assert "lessons/deep_dives/lost.py: no lesson of course.toml is called so." in problems


def test_a_new_exercise_holds_together_as_it_is_begun(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    import classroom.authoring.scaffold
    import classroom.checks

    checks = course.root / "classroom" / "checks"
    checks.mkdir(parents=True)
    monkeypatch.setattr(classroom.authoring.scaffold, "__file__", str(checks.parent / "authoring" / "scaffold.py"))
    monkeypatch.setattr(classroom.checks, "__path__", [*classroom.checks.__path__, str(checks)])
    begin_exercise(course, "02_count_on")
    longer = read_course(course.root)
    sync(longer)
    assert prove(longer, only="02_count_on") == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    "exercise", [path.stem for path in sorted(__import__("pathlib").Path(__file__).parents[3].glob("solutions/*.py"))]
)
def test_the_real_exercises_hold(real_course: Course, exercise: str) -> None:
    assert prove(real_course, only=exercise) == []


def test_the_real_registry_and_the_disk_agree(real_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classroom.authoring.proof._check_exercise", lambda *_: [])
    assert prove(real_course) == []


def test_a_number_that_is_taken_is_refused(course: Course) -> None:
    with pytest.raises(CourseError, match="01_read_a_mask has the number of 01_read_a_layout"):
        begin_exercise(course, "01_read_a_mask")
    assert not course.solution_file("01_read_a_mask").exists()
