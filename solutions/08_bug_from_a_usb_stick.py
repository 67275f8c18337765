import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="8 · Spot the bug: a USB stick")

with app.setup(hide_code=True):
    import os
    import shutil
    from collections.abc import Iterator
    from datetime import UTC, datetime
    from hashlib import sha256
    from inspect import getsource
    from pathlib import Path
    from textwrap import dedent

    import dlt
    import marimo as mo

    from classroom.course.registry import find_course
    from classroom.course.workspace import session_workspace
    from classroom.pages.checkpoint import checkpoint, hints
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.quiz import Question, answer, ask


@app.cell(hide_code=True)
def banner():
    exercise_banner("08_bug_from_a_usb_stick")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 8 · Spot the bug: a USB stick

    A folder grows, and reading all of it every evening takes too long. `broken_load` therefore asks dlt to remember the
    latest `modified_at` that it has seen, and to leave out the rows that are older.

    On Tuesday somebody copies a picture into the folder from a USB stick. It was taken on the Friday before, and the
    copy keeps its date.
    """)
    return


@app.cell
def files():
    def list_files(folder: Path) -> Iterator[dict]:
        """One row for each file: sample_id, modified_at and content_sha256."""
        for path in sorted(folder.glob("*.png")):
            yield {
                "sample_id": path.name,
                "modified_at": datetime.fromtimestamp(path.stat().st_mtime, UTC),
                "content_sha256": sha256(path.read_bytes()).hexdigest(),
            }

    return (list_files,)


@app.cell
def broken(list_files):
    def broken_load(pipeline: dlt.Pipeline, folder: Path) -> None:
        """Loads the files of `folder` that are not in the table `images` yet."""
        newest = dlt.sources.incremental("modified_at")
        new_files = dlt.resource(list_files(folder), name="images", incremental=newest)
        pipeline.run(new_files, write_disposition="merge", primary_key="sample_id")

    return (broken_load,)


@app.cell(hide_code=True)
def broken_in_run_mode(broken_load, list_files):
    # `marimo run` hides all code, and this is what the page is about
    _code = "\n\n".join(dedent(getsource(function)) for function in (list_files, broken_load))
    mo.md(f"```python\n{_code}```") if mo.app_meta().mode == "run" else None
    return


@app.cell(hide_code=True)
def predict():
    question = Question(
        text="Two pictures of Monday are loaded. Then Friday's is copied in, and the load runs again. What happens?",
        options=(
            "The table has 3 rows: the file is new, wherever it came from",
            "The table has 2 rows, and the run warns of a late file",
            "The table has 2 rows, and the run succeeds without a word",
        ),
        answer=2,
        why="After the first run dlt remembers Monday's time, and the filter drops every row that is older. Friday is "
        "older than Monday. That is what `incremental` is for, so there is nothing to warn of. Every run from now on "
        "skips this file. Times of files say when something was taken or written, and not when it arrived.",
    )
    guess = ask(question)
    guess
    return guess, question


@app.cell
def deliver():
    pictures = find_course(mo.notebook_dir()).root / "sample_data" / "mvtec_like" / "washer" / "train" / "good"

    def copy_picture(name: str, folder: Path, taken_at: datetime) -> None:
        """Copies a sample image into `folder`, dated as it was taken."""
        shutil.copyfile(pictures / name, folder / name)
        os.utime(folder / name, (taken_at.timestamp(), taken_at.timestamp()))

    return (copy_picture,)


@app.cell
def load_broken(broken_load, copy_picture):
    workspace = session_workspace()
    inbox = workspace.folder / "inbox"
    inbox.mkdir()
    copy_picture("000.png", inbox, datetime(2026, 11, 2, 9, tzinfo=UTC))
    copy_picture("001.png", inbox, datetime(2026, 11, 2, 10, tzinfo=UTC))
    broken_load(workspace.pipeline(), inbox)
    copy_picture("002.png", inbox, datetime(2026, 10, 30, 16, tzinfo=UTC))
    broken_load(workspace.pipeline(), inbox)
    loaded = [sample_id for (sample_id,) in workspace.query("SELECT sample_id FROM inspection.images")]
    return inbox, loaded


@app.cell(hide_code=True)
def look_broken(guess, inbox, list_files, loaded, question):
    _lines = [
        f"| {row['sample_id']} | {row['modified_at']:%A, %Y-%m-%d %H:%M} | {loaded.count(row['sample_id'])} |"
        for row in list_files(inbox)
    ]
    _table = "\n".join(["| file in the folder | modified | rows in the table |", "|:---|:---|---:|", *_lines])
    mo.vstack([answer(question, guess.value), *([mo.md(_table)] if guess.value is not None else [])])
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `load`, which goes by what is loaded already. After each run:

    - every file of the folder is one row, however it is dated;
    - a file whose content changed has its new row in place of the old one;
    - a file that is as it was is not loaded again: its row keeps its `_dlt_load_id`.

    For example, after Monday's `a.png` and `b.png`, and then Friday's `c.png`, the table `images` has three rows, and
    those of Monday keep the `_dlt_load_id` of the first run.

    What is loaded can be found in two places: in the table (`pipeline.dataset()` reads it; before the first run it is
    not there yet), or in a dict that a resource keeps from run to run (`dlt.current.resource_state()`).
    """)
    return


@app.cell
def exercise_1(list_files):
    def load(pipeline: dlt.Pipeline, folder: Path) -> None:
        """Loads the files of `folder` that `images` does not hold as they are now."""
        # BEGIN SOLUTION
        dataset = pipeline.dataset()
        known = {}
        if "images" in dataset.tables:
            known = dict(dataset["images"].select("sample_id", "content_sha256").fetchall())
        rows = [row for row in list_files(folder) if known.get(row["sample_id"]) != row["content_sha256"]]
        pipeline.run(rows, table_name="images", write_disposition="merge", primary_key="sample_id")
        # END SOLUTION

    return (load,)


@app.cell(hide_code=True)
def checkpoint_1(load):
    checkpoint("08_bug_from_a_usb_stick", 1, load=lambda: load)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("08_bug_from_a_usb_stick", 1)
    return


if __name__ == "__main__":
    app.run()
