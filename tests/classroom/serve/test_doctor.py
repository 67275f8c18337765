"""Doctor finds what is known to break, and says how to mend it."""

from __future__ import annotations

import socket
from importlib import metadata
from pathlib import Path

import pytest

from classroom.course.registry import Course
from classroom.serve.doctor import Finding, Health, examine, is_free, one_line


@pytest.fixture(autouse=True)
def inside(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLASSROOM_ROOT", raising=False)
    monkeypatch.chdir(course.root)
    monkeypatch.setattr("classroom.serve.doctor._isolation", lambda: iter(()))


def find(name: str, port: int = 2718) -> Finding:
    (found,) = [finding for finding in examine(port) if finding.name == name]
    return found


def install(monkeypatch: pytest.MonkeyPatch, name: str, version: str | None) -> None:
    real = metadata.version

    def look_up(package: str) -> str:
        if package != name:
            return real(package)
        if version is None:
            raise metadata.PackageNotFoundError(package)
        return version

    monkeypatch.setattr(metadata, "version", look_up)


def test_nothing_fails_here() -> None:
    findings = examine()
    assert [finding for finding in findings if finding.health is Health.FAIL] == []
    assert "\n" not in one_line(findings)


@pytest.mark.parametrize(
    ("name", "version", "health"),
    [
        ("sqlglot", "30.22.0", Health.FAIL),
        ("sqlglot", "31.0.0", Health.FAIL),
        ("sqlglot", "30.21.9", Health.OK),
        ("duckdb", "2.0.0", Health.FAIL),
        ("duckdb", "1.9.0", Health.OK),
    ],
)
def test_versions_that_break_are_named_with_a_cure(
    monkeypatch: pytest.MonkeyPatch, name: str, version: str, health: Health
) -> None:
    install(monkeypatch, name, version)
    found = find(name)
    assert found.health is health
    assert version in found.found
    assert (f'uv pip install "{name}<' in found.mend) == (health is Health.FAIL)
    assert (f"fail: {name}" in one_line(examine())) == (health is Health.FAIL)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "pandas", None)
    assert find("pandas").health is Health.FAIL
    assert "pandas missing" in one_line(examine())


def test_a_file_that_hides_a_package_is_found(course: Course) -> None:
    (course.root / "dlt.py").write_text("", encoding="utf-8")
    found = find("dlt.py")
    assert found.health is Health.FAIL
    assert found.mend == "Rename dlt.py."


def test_a_taken_port_is_no_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert find("port", port).health is Health.WARN
    assert is_free(port)


def test_outside_a_course_doctor_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find("course").health is Health.FAIL
