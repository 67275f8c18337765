"""The slides of the introduction as HTML; `lessons/layouts/slides.css` styles them as it styles all slides."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import marimo as mo

from classroom.course.contents import Kind
from classroom.course.registry import Course
from classroom.pages.pictures import MERMAID_LOOK, Specimen, folder_tree, render_photographs, render_specimens
from darkroom.html import render

CHECKLIST = (
    ("It runs a second time", "every row twice, or all from zero", "merge on a key", "dlt"),
    ("It stops half-way", "half a table", "load packages, finished by the next run", "dlt"),
    ("A new field appears", "error, or lost", "schema evolves, or a contract refuses", "dlt"),
    ("Which run wrote this row?", "nobody knows", "`_dlt_load_id`", "dlt"),
    ("Where does the password go?", "into the code", "config and secrets", "dlt"),
    ("DuckDB today, Postgres later", "write it again", "another `destination=`", "dlt"),
    ("A file is broken", "it stops, or nobody hears", "a table of rejects", "our code"),
    ("Is a mask an image?", "yes, by accident", "a reader per layout", "our code"),
)
"""What is asked of a pipeline, what the script answers, what the pipeline does, and whose work that is."""

_FOUR_WORDS = """
  folder1[/"folder<br>MVTec AD"/] --> images & masks
  folder2[/"folder<br>DAGM 2007"/] --> images & masks
  subgraph source["<b>SOURCE</b>: what belongs together"]
    images("<b>RESOURCE</b> images<br>yields rows")
    masks("<b>RESOURCE</b> masks<br>yields rows")
  end
  subgraph pipeline["<b>PIPELINE</b>: extract, normalize, load"]
    memory["infers the schema,<br>remembers state"]
  end
  subgraph destination["<b>DESTINATION</b>: DuckDB"]
    tables[("tables<br>images, masks")]
  end
  images & masks --> memory --> tables
"""


def render_welcome(course: Course) -> str:
    """Returns the course's title beside a photograph of each category."""
    title, _, subtitle = course.title.partition(": ")
    captions = (
        "A brass washer with corrosion",
        "A cloth with a hole",
        "A rippled surface, rubbed smooth",
        "A grainy cast with a crack",
    )
    defects = _defects(course.root / "sample_data")
    photographs = [Specimen(defect.image, caption) for defect, caption in zip(defects, captions, strict=True)]
    return _render("slide_welcome.html", title=title, subtitle=subtitle, photographs=render_photographs(photographs))


def render_two_layouts(samples: Path) -> str:
    """Returns a category in each of the two layouts: photographs, folders, and how a defect is marked.

    Args:
        samples: The course's `sample_data/`.
    """
    washer, ripple = samples / "mvtec_like" / "washer", samples / "dagm_like" / "Class11"
    mvtec = [washer / f"{name}.png" for name in ("train/good/000", "test/good/003", "test/scratch/003")]
    dagm = [ripple / f"{name}.PNG" for name in ("Train/0020", "Test/0001", "Test/0003", "Test/0010")]
    labels = (ripple / "Test" / "Label" / "Labels.txt").read_text(encoding="ascii").splitlines()[1:3]
    mvtec_row = _render_row([*mvtec, washer / "test" / "corrosion" / "003.png"], washer)
    halves = (
        ("MVTec AD: the name of a folder tells", mvtec_row, folder_tree(washer), ()),
        ("DAGM 2007: a line in a text file tells", _render_row(dagm, ripple), folder_tree(ripple), labels),
    )
    return _render("slide_two_layouts.html", halves=halves)


def render_nothing_alike(samples: Path) -> str:
    """Returns a defective photograph of each category with its mask, in true proportion.

    Args:
        samples: The course's `sample_data/`.
    """
    return _render("slide_nothing_alike.html", specimens=render_specimens(_defects(samples)))


def render_code(function: Callable[..., Any], title: str, note: str) -> str:
    """Returns the code of a function, and what came of it.

    Args:
        function: The function.
        title: Heading of the slide.
        note: What came of it, as HTML.
    """
    code = mo.md(f"```python\n{inspect.getsource(function)}```").text
    return _render("slide_code.html", title=title, code=code, note=note)


def render_figures(figures: Mapping[str, object]) -> str:
    """Figures by what they count, as HTML."""
    return _render("slide_figures.html", figures=figures)


def render_checklist() -> str:
    """Returns what a script leaves out: what it does, what the pipeline does, and who does that."""
    return _render("slide_checklist.html", checklist=CHECKLIST)


def draw_four_words(direction: str) -> str:
    """Returns source, resource, pipeline and destination as a Mermaid flowchart.

    Args:
        direction: `LR` for a wide screen, `TB` for a narrow one.
    """
    return f"{MERMAID_LOOK}flowchart {direction}{_FOUR_WORDS}"


def render_four_words(wide: str, narrow: str) -> str:
    """Returns the four words of dlt in one picture.

    Args:
        wide: The picture from left to right, as HTML.
        narrow: The picture from top to bottom, as HTML.
    """
    return _render("slide_four_words.html", wide=wide, narrow=narrow)


def render_hour(course: Course) -> str:
    """Returns the lessons of the workshop with their minutes, and what to do when one is late."""
    lessons = [lesson for lesson in course.lessons if lesson.kind is not Kind.DEEP_DIVE]
    return _render("slide_hour.html", lessons=lessons)


def _render(template: str, **values: Any) -> str:
    return render("classroom.pages", template, **values)


def _defects(samples: Path) -> list[Specimen]:
    """Returns a defective photograph of each category, with its mask."""
    mvtec, dagm = samples / "mvtec_like", samples / "dagm_like"
    washer, weave = mvtec / "washer", mvtec / "weave"
    ripple, cast = dagm / "Class11" / "Test", dagm / "Class12" / "Test"
    return [
        Specimen(
            washer / "test" / "corrosion" / "004.png",
            "as MVTec AD: washer",
            washer / "ground_truth" / "corrosion" / "004_mask.png",
        ),
        Specimen(
            weave / "test" / "hole" / "003.png",
            "as MVTec AD: weave",
            weave / "ground_truth" / "hole" / "003_mask.png",
        ),
        Specimen(ripple / "0010.PNG", "as DAGM: Class11", ripple / "Label" / "0010_label.PNG"),
        Specimen(cast / "0002.PNG", "as DAGM: Class12", cast / "Label" / "0002_label.PNG"),
    ]


def _render_row(files: list[Path], category: Path) -> str:
    names = [file.relative_to(category).with_suffix("").as_posix() for file in files]
    return render_photographs([Specimen(file, name) for file, name in zip(files, names, strict=True)], "row")
