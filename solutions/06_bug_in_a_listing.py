import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="6 · Spot the bug: a listing of photographs")

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
    exercise_banner("06_bug_in_a_listing")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 6 · Spot the bug: a listing of photographs

    The pipeline below lists the pictures of two categories in the layout of MVTec AD and loads one row for each. It
    raises nothing, dlt is content, and the table is wrong.

    Read it, guess what it leaves in the table, look, and mend it.
    """)
    return


@app.cell
def given():
    samples = find_course(mo.notebook_dir()).root / "sample_data" / "mvtec_like"
    return (samples,)


@app.cell
def facts():
    def make_row(root: Path, path: Path, split: str) -> dict:
        """One row of `images`; `sample_id` is the path below `root`."""
        label = path.parent.name
        sample_id = path.relative_to(root).as_posix()
        return {"sample_id": sample_id, "split": split, "label": label, "is_defect": label != "good"}

    return (make_row,)


@app.cell
def broken(make_row):
    def broken_images(root: Path) -> Iterator[dict]:
        """One row for each image below the category folders of `root`."""
        for path in sorted(root.glob("**/*.png")):
            is_training = "train" in path.relative_to(root).parts
            yield make_row(root, path, "train" if is_training else "test")

    return (broken_images,)


@app.cell(hide_code=True)
def broken_in_run_mode(broken_images, make_row):
    # `marimo run` hides all code, and this is what the page is about
    _code = "\n\n".join(dedent(getsource(function)) for function in (make_row, broken_images))
    mo.md(f"```python\n{_code}```") if mo.app_meta().mode == "run" else None
    return


@app.cell(hide_code=True)
def predict(samples):
    scratches = len(list(samples.glob("washer/test/scratch/*.png")))
    question = Question(
        text=f"`washer/test/scratch` holds {scratches} photographs. How many rows with split `test` and label "
        "`scratch` will the table hold?",
        options=(f"{scratches}", f"{2 * scratches}", "None: dlt refuses drawings"),
        answer=1,
        why="`**` goes into every folder, `ground_truth` too, where each of these photographs has a mask. What is not "
        "`train` is `test` here, and so the masks are test images. They even keep a label: their folder is called "
        "`scratch` as well.",
    )
    guess = ask(question)
    guess
    return guess, question


@app.cell
def load_broken(broken_images, samples):
    workspace = session_workspace()
    workspace.pipeline().run(broken_images(samples), table_name="images")
    counts = workspace.query("SELECT split, label, count(*) FROM inspection.images GROUP BY ALL ORDER BY ALL")
    return counts, workspace


@app.cell(hide_code=True)
def look_broken(counts, guess, question, workspace):
    _masks = workspace.query("SELECT count(*) FROM inspection.images WHERE sample_id LIKE '%/ground_truth/%'")[0][0]
    _defective = sum(rows for split, label, rows in counts if split == "test" and label != "good")
    _test = sum(rows for split, _, rows in counts if split == "test")
    _lines = [f"| {split} | {label} | {rows} |" for split, label, rows in counts]
    _table = "\n".join(["| split | label | rows |", "|:---|:---|---:|", *_lines])
    _so_what = (
        f"Whoever reads this table believes: {_defective / _test:.0%} of the test images are defective. Without the "
        f"{_masks} masks it is {(_defective - _masks) / (_test - _masks):.0%}, and a model tested on all of it is "
        "praised for telling drawings from photographs."
    )
    mo.vstack([answer(question, guess.value), *([mo.md(_table), mo.md(_so_what)] if guess.value is not None else [])])
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `images`, which yields a row for each image and none for a mask. Copies of this layout differ:
    in some the masks are named like their images, and a category may be called anything. For example, `images(samples)`
    yields 68 rows, and for `washer/test/scratch/000.png` the one that `make_row(root, path, "test")` makes.
    """)
    return


@app.cell
def exercise_1(make_row):
    def images(root: Path) -> Iterator[dict]:
        """One row for each image below the category folders of `root`, and none for a mask."""
        # BEGIN SOLUTION
        for path in sorted(root.glob("*/*/*/*.png")):
            split = path.relative_to(root).parts[1]
            if split in ("train", "test"):
                yield make_row(root, path, split)
        # END SOLUTION

    return (images,)


@app.cell(hide_code=True)
def checkpoint_1(images):
    checkpoint("06_bug_in_a_listing", 1, images=lambda: images)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("06_bug_in_a_listing", 1)
    return


if __name__ == "__main__":
    app.run()
