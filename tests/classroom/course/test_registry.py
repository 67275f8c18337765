"""The registry: what it says is read, and what is wrong with it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom.course.contents import Kind
from classroom.course.registry import Course, find_course, read_course
from classroom.errors import CourseError, UnknownError


def rewrite(course: Course, old: str, new: str) -> Path:
    path = course.root / "lessons" / "course.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_real_workshop_fills_its_hour(real_course: Course) -> None:
    kinds = {lesson.kind: lesson.minutes for lesson in real_course.lessons if lesson.is_workshop}
    assert kinds == {Kind.SLIDES: 8, Kind.DEMO: 18, Kind.TIPS: 8, Kind.FOLLOW_ALONG: 20, Kind.QUESTIONS: 6}
    assert sum(kinds.values()) == real_course.minutes == 60


def test_the_real_course_has_eight_exercises_and_five_bugs(real_course: Course) -> None:
    assert len(real_course.exercises) >= 8
    assert sum(exercise.is_bug for exercise in real_course.exercises) >= 5
    assert all(len(step.hints) == 3 for step in real_course.steps)


@pytest.mark.parametrize("name", ["01_read_a_layout", "01", "1", "read_a_layout"])
def test_an_exercise_has_several_names(course: Course, name: str) -> None:
    assert course.find_exercise(name).id == "01_read_a_layout"
    assert [step.id for step in course.find_steps(name)] == ["01_read_a_layout"]


def test_a_step_is_named_by_its_number(real_course: Course) -> None:
    assert course_step(real_course, "01:1") == "01_read_a_layout"
    with pytest.raises(UnknownError, match="has no step 7; expected 1 to 1"):
        real_course.find_steps("01:7")


def course_step(course: Course, name: str) -> str:
    return course.find_steps(name)[0].id


def test_an_unknown_name_is_told_what_there_is(course: Course) -> None:
    with pytest.raises(UnknownError, match="No exercise is called '99'; there are 01_read_a_layout"):
        course.find_exercise("99")
    with pytest.raises(UnknownError, match="No lesson is called"):
        course.find_lesson("nothing")


def test_a_registry_is_read_once_until_it_is_edited(course: Course) -> None:
    assert read_course(course.root) is read_course(course.root)
    rewrite(course, 'title = "The only lesson"', 'title = "An edited lesson"')
    assert read_course(course.root).find_lesson("01").title == "An edited lesson"


def test_the_course_is_found_from_below(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLASSROOM_ROOT", raising=False)
    monkeypatch.chdir(course.root / "exercises")
    assert find_course().root == course.root
    monkeypatch.chdir(course.root.parent)
    with pytest.raises(CourseError, match="No course here"):
        find_course()
    monkeypatch.setenv("CLASSROOM_ROOT", str(course.root))
    assert find_course().title == "A small course"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("minutes = 10\n", "", "expected `title` .* and `minutes`"),
        ('kind = "slides"', 'kind = "film"', "`kind` is one of slides, demo"),
        ('title = "Begin"', 'titel = "Begin"', "titel is not a key here"),
        ("minutes = 4\n", "", "minutes is missing"),
        ("points = 10\n", "", "points is missing"),
        ('exercises = ["01_read_a_layout"]', 'exercises = ["02"]', "no exercise is called 02"),
        ("hints = [\n", 'hints = [\n  "One too many.",\n', "expected 3 hints, found 4"),
        ("[[lesson]]", "[[lesson", "cannot be read"),
    ],
)
def test_a_wrong_registry_says_where(course: Course, old: str, new: str, message: str) -> None:
    path = rewrite(course, old, new)
    with pytest.raises(CourseError, match=message) as caught:
        read_course(course.root)
    assert str(path) in str(caught.value)


def test_an_id_is_there_once(course: Course) -> None:
    text = (course.root / "lessons" / "course.toml").read_text(encoding="utf-8")
    entry = text[text.index("[[exercise]]") :]
    (course.root / "lessons" / "course.toml").write_text(text + "\n" + entry, encoding="utf-8")
    with pytest.raises(CourseError, match="01_read_a_layout is there twice"):
        read_course(course.root)
