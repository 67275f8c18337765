import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="9 · Spot the bug: two readers")

with app.setup(hide_code=True):
    from collections.abc import Iterator
    from inspect import getsource
    from pathlib import Path
    from textwrap import dedent

    import marimo as mo

    from classroom.course.registry import find_course
    from classroom.course.workspace import session_workspace
    from classroom.pages.checkpoint import checkpoint, hints
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.quiz import Question, answer, ask


@app.cell(hide_code=True)
def banner():
    exercise_banner("09_bug_between_readers")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 9 · Spot the bug: two readers

    Four folders, two layouts: `washer` and `weave` are laid out like MVTec AD, `Class11` and `Class12` like DAGM 2007.
    There is a reader for each layout, and both work. `broken_images` sends each folder to its reader. Every line of it
    runs.
    """)
    return


@app.cell
def readers():
    def mvtec_rows(folder: Path) -> Iterator[dict]:
        """One row for each image of a category laid out like MVTec AD."""
        for path in sorted(folder.glob("t*/*/*.png")):
            yield {"category": folder.name, "sample_id": path.relative_to(folder.parent).as_posix()}

    def dagm_rows(folder: Path) -> Iterator[dict]:
        """One row for each image of a category laid out like DAGM 2007."""
        for path in sorted(folder.glob("T*/*.PNG")):
            yield {"category": folder.name, "sample_id": path.relative_to(folder.parent).as_posix()}

    return dagm_rows, mvtec_rows


@app.cell
def broken(dagm_rows, mvtec_rows):
    def broken_images(folders: list[Path]) -> Iterator[dict]:
        """One row for each image of each folder, whatever its layout."""
        for folder in folders:
            if (folder / "ground_truth").exists():
                yield from mvtec_rows(folder)
            else:
                dagm_rows(folder)

    return (broken_images,)


@app.cell(hide_code=True)
def broken_in_run_mode(broken_images, dagm_rows, mvtec_rows):
    # `marimo run` hides all code, and this is what the page is about
    _code = "\n\n".join(dedent(getsource(function)) for function in (mvtec_rows, dagm_rows, broken_images))
    mo.md(f"```python\n{_code}```") if mo.app_meta().mode == "run" else None
    return


@app.cell(hide_code=True)
def predict():
    question = Question(
        text="`washer`, `Class11`, `weave` and `Class12` are given, in this order. What does the load do?",
        options=(
            "It loads all four: both readers are called",
            "It loads washer and weave, and reports success",
            "It loads washer, and raises at Class11",
            "It loads washer, and stops without a word at Class11",
        ),
        answer=1,
        why="A function with `yield` in it does not run when it is called. It returns a generator, which reads once "
        "somebody asks for its rows. The generator of `dagm_rows` is made and thrown away, so not one file of "
        "`Class11` is looked at. Python has nothing to complain of, and dlt cannot know that rows are missing.",
    )
    guess = ask(question)
    guess
    return guess, question


@app.cell
def load_broken(broken_images):
    samples = find_course(mo.notebook_dir()).root / "sample_data"
    folders = [
        samples / name for name in ("mvtec_like/washer", "dagm_like/Class11", "mvtec_like/weave", "dagm_like/Class12")
    ]
    workspace = session_workspace()
    info = workspace.pipeline().run(broken_images(folders), table_name="images")
    counts = dict(workspace.query("SELECT category, count(*) FROM inspection.images GROUP BY category"))
    return counts, folders, info


@app.cell(hide_code=True)
def look_broken(counts, folders, guess, info, question):
    _lines = [f"| {folder.name} | {counts.get(folder.name, 0)} |" for folder in folders]
    _table = "\n".join(["| category | rows in the table |", "|:---|---:|", *_lines])
    _said = mo.md(f"Did a job of this load fail? dlt says: **{'yes' if info.has_failed_jobs else 'no'}**.")
    mo.vstack([answer(question, guess.value), *([mo.md(_table), _said] if guess.value is not None else [])])
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `images`, so that every image of every folder becomes a row, once. Folders come in any order,
    and one may be empty: the others are read all the same. For example, `washer` and `Class11` give 34 + 38 rows, the
    first of which is `{"category": "washer", "sample_id": "washer/test/corrosion/000.png"}`.
    """)
    return


@app.cell
def exercise_1(dagm_rows, mvtec_rows):
    def images(folders: list[Path]) -> Iterator[dict]:
        """One row for each image of each folder, whatever its layout."""
        pass  # write here

    return (images,)


@app.cell(hide_code=True)
def checkpoint_1(images):
    checkpoint("09_bug_between_readers", 1, images=lambda: images)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("09_bug_between_readers", 1)
    return


if __name__ == "__main__":
    app.run()
