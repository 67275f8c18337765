"""The slides of the introduction as HTML; `lessons/layouts/slides.css` styles the classes that they bear."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import marimo as mo

from classroom.course.registry import Course, Kind
from classroom.pages.pictures import MERMAID_LOOK, Specimen, folder_tree, render_photographs, render_specimens

CHECKLIST = (
    ("It runs a second time", "every row twice, or all from zero", "merge on a key", "dlt"),
    ("It stops half-way", "half a table", "load packages, finished by the next run", "dlt"),
    ("A new field appears", "error, or lost", "schema evolves, or a contract refuses", "dlt"),
    ("Which run wrote this row?", "nobody knows", "<code>_dlt_load_id</code>", "dlt"),
    ("Where does the password go?", "into the code", "config and secrets", "dlt"),
    ("DuckDB today, Postgres later", "write it again", "another <code>destination=</code>", "dlt"),
    ("A file is broken", "it stops, or nobody hears", "a table of rejects", "our code"),
    ("Is a mask an image?", "yes, by accident", "a reader per layout", "our code"),
)
"""What is asked of a pipeline, what the script answers, what the pipeline does, and whose work that is; in HTML."""

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
    """The course's title beside a photograph of each category."""
    title, _, subtitle = course.title.partition(": ")
    captions = (
        "A brass washer with corrosion",
        "A cloth with a hole",
        "A rippled surface, rubbed smooth",
        "A grainy cast with a crack",
    )
    defects = _defects(course.root / "sample_data")
    photographs = [Specimen(defect.image, caption) for defect, caption in zip(defects, captions, strict=True)]
    return f"""
    <div class="slide split">
      <div><h1>{escape(title)}</h1><p class="lead">{escape(subtitle)}</p>
      <p class="quiet">Move with the arrow keys. Everything in this hour runs on your own computer.</p></div>
      {render_photographs(photographs)}
    </div>
    """


def render_two_layouts(samples: Path) -> str:
    """A category in each of the two layouts: photographs, folders, and how a defect is marked.

    Args:
        samples: The course's `sample_data/`.
    """
    washer, ripple = samples / "mvtec_ad" / "washer", samples / "dagm_2007" / "Class1"
    mvtec = [washer / f"{name}.png" for name in ("train/good/000", "test/good/003", "test/scratch/003")]
    dagm = [ripple / f"{name}.PNG" for name in ("Train/0020", "Test/0001", "Test/0003", "Test/0010")]
    labels = (ripple / "Test" / "Label" / "Labels.txt").read_text(encoding="ascii").splitlines()[1:3]
    return f"""
    <div class="slide"><h2>Two folders, one question: which images are defective?</h2><div class="halves">
      <div><h3>MVTec AD: the name of a folder tells</h3>
      {_render_row([*mvtec, washer / "test" / "corrosion" / "003.png"], washer)}
      <pre>{folder_tree(washer)}</pre></div>
      <div><h3>DAGM 2007: a line in a text file tells</h3>
      {_render_row(dagm, ripple)}
      <pre>{folder_tree(ripple)}</pre><p>In <code>Labels.txt</code>, 1 is defective:</p>
      <pre>{"<br>".join(labels).replace(chr(9), "  ")}</pre></div>
    </div></div>
    """


def render_nothing_alike(samples: Path) -> str:
    """A defective photograph of each category with its mask, in true proportion.

    Args:
        samples: The course's `sample_data/`.
    """
    return f"""
    <div class="slide">
      <h2>Nothing fits: sizes, channels, and what a mask means</h2>
      {render_specimens(_defects(samples))}
      <p>Left, masks are exact. Right, they are rough ellipses: more than the defect.</p>
    </div>
    """


def render_code(function: Callable[..., Any], title: str, note: str) -> str:
    """The code of a function, and what came of it.

    Args:
        function: The function.
        title: Heading of the slide.
        note: What came of it, as HTML.
    """
    code = mo.md(f"```python\n{inspect.getsource(function)}```")
    return f'<div class="slide"><h2>{escape(title)}</h2>{code.text}<p class="lead">{note}</p></div>'


def render_figures(figures: Mapping[str, object]) -> str:
    """Figures by what they count, as HTML."""
    return " · ".join(f"<b>{number}</b> {escape(what)}" for what, number in figures.items())


def render_checklist() -> str:
    """What a script leaves out: what it does, what the pipeline does, and who does that."""
    rows = "".join(
        f"<tr><td>{what}</td><td>{script}</td><td>{pipeline}</td><td class='who'>{who}</td></tr>"
        for what, script, pipeline, who in CHECKLIST
    )
    return f"""
    <div class="slide"><h2>Monday: what pandas and a script leave out</h2>
    <table class="checklist"><tr><th></th><th>the script</th><th>the pipeline</th><th>done by</th></tr>{rows}</table>
    </div>
    """


def draw_four_words(direction: str) -> str:
    """Source, resource, pipeline and destination as a Mermaid flowchart.

    Args:
        direction: `LR` for a wide screen, `TB` for a narrow one.
    """
    return f"{MERMAID_LOOK}flowchart {direction}{_FOUR_WORDS}"


def render_four_words(wide: str, narrow: str) -> str:
    """The four words of dlt in one picture.

    Args:
        wide: The picture from left to right, as HTML.
        narrow: The picture from top to bottom, as HTML.
    """
    return f"""
    <div class="slide"><h2>dlt in one picture: four words</h2>
    <div class="wide">{wide}</div>
    <div class="narrow">{narrow}</div>
    <p>You write the resources: Python functions that <code>yield</code>.
    dlt does what is between them and the tables.</p>
    </div>
    """


def render_hour(course: Course) -> str:
    """The lessons of the workshop with their minutes, and what to do when one is late."""
    rows = "".join(
        f"<tr><td class='minutes'>{lesson.minutes} min</td><td><b>{escape(lesson.title)}</b></td>"
        f"<td>{escape(lesson.objectives[0])}</td></tr>"
        for lesson in course.lessons
        if lesson.kind is not Kind.DEEP_DIVE
    )
    return f"""
    <div class="slide"><h2>The hour</h2><table class="checklist">{rows}</table>
    <p>Late, or stuck? <code>uv run classroom catch-up N</code> does the steps before step N for you.
    Exercises are yours to keep; each has three hints.</p></div>
    """


def _defects(samples: Path) -> list[Specimen]:
    """A defective photograph of each category, with its mask."""
    mvtec, dagm = samples / "mvtec_ad", samples / "dagm_2007"
    washer, weave = mvtec / "washer", mvtec / "weave"
    ripple, cast = dagm / "Class1" / "Test", dagm / "Class2" / "Test"
    return [
        Specimen(
            washer / "test" / "corrosion" / "004.png",
            "MVTec AD washer",
            washer / "ground_truth" / "corrosion" / "004_mask.png",
        ),
        Specimen(
            weave / "test" / "hole" / "003.png", "MVTec AD weave", weave / "ground_truth" / "hole" / "003_mask.png"
        ),
        Specimen(ripple / "0010.PNG", "DAGM Class1", ripple / "Label" / "0010_label.PNG"),
        Specimen(cast / "0002.PNG", "DAGM Class2", cast / "Label" / "0002_label.PNG"),
    ]


def _render_row(files: list[Path], category: Path) -> str:
    names = [file.relative_to(category).with_suffix("").as_posix() for file in files]
    return render_photographs([Specimen(file, name) for file, name in zip(files, names, strict=True)], "row")
