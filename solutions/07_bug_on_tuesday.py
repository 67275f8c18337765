import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="7 · Spot the bug: what came on Tuesday")

with app.setup(hide_code=True):
    from inspect import getsource
    from textwrap import dedent

    import dlt
    import marimo as mo

    from classroom.course.workspace import session_workspace
    from classroom.pages.checkpoint import checkpoint, hints
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.quiz import Question, answer, ask


@app.cell(hide_code=True)
def banner():
    exercise_banner("07_bug_on_tuesday")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 7 · Spot the bug: what came on Tuesday

    A camera delivers a list of rows every evening, and `broken_load` loads it. On Monday nobody is sure whether the job
    ran, and somebody starts it again. On Tuesday one image comes once more: it was taken anew, and an inspector has
    seen a scratch on it.
    """)
    return


@app.cell
def deliveries():
    monday = [
        {"sample_id": "bottle/test/000.png", "filename": "000.png", "label": "good", "content_sha256": "a7f2…"},
        {"sample_id": "bottle/test/001.png", "filename": "001.png", "label": "good", "content_sha256": "03bd…"},
        {"sample_id": "cable/test/000.png", "filename": "000.png", "label": "bent", "content_sha256": "e4c9…"},
    ]
    tuesday = [
        {"sample_id": "bottle/test/001.png", "filename": "001.png", "label": "scratch", "content_sha256": "51e0…"},
        {"sample_id": "bottle/test/002.png", "filename": "002.png", "label": "good", "content_sha256": "9b1a…"},
    ]
    return monday, tuesday


@app.cell
def broken():
    def broken_load(pipeline: dlt.Pipeline, rows: list[dict]) -> None:
        """Loads a delivery into the table `images`."""
        pipeline.run(rows, table_name="images", write_disposition="append")

    return (broken_load,)


@app.cell(hide_code=True)
def broken_in_run_mode(broken_load):
    # `marimo run` hides all code, and this is what the page is about
    mo.md(f"```python\n{dedent(getsource(broken_load))}```") if mo.app_meta().mode == "run" else None
    return


@app.cell(hide_code=True)
def predict():
    question = Question(
        text="Monday is loaded twice, then Tuesday. Four different images were delivered. How many rows has the table?",
        options=("4: dlt knows the rows again", "5: the changed image is there twice", "8: every row that ever came"),
        answer=2,
        why="`append` means what it says: whatever comes is added. dlt does not look at the table, and nothing in the "
        "rows tells it which of them are the same image. No load fails and no count looks odd, until a model sees "
        "some images twice, and one of them as `good` and as `scratch`.",
    )
    guess = ask(question)
    guess
    return guess, question


@app.cell
def load_broken(broken_load, monday, tuesday):
    workspace = session_workspace()
    for _delivery in (monday, monday, tuesday):
        broken_load(workspace.pipeline(), _delivery)
    doubled = workspace.query("""
        SELECT sample_id, count(*), string_agg(label, ', ' ORDER BY _dlt_load_id)
        FROM inspection.images GROUP BY sample_id ORDER BY sample_id
    """)
    return (doubled,)


@app.cell(hide_code=True)
def look_broken(doubled, guess, question):
    _lines = [f"| {sample_id} | {rows} | {labels} |" for sample_id, rows, labels in doubled]
    _table = "\n".join(["| sample_id | rows | labels |", "|:---|---:|:---|", *_lines])
    _total = mo.md(f"{sum(rows for _, rows, _ in doubled)} rows for {len(doubled)} images.")
    mo.vstack([answer(question, guess.value), *([mo.md(_table), _total] if guess.value is not None else [])])
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `load`, so that a delivery can come as often as it likes: one row for each image, as it was
    delivered last, and nothing lost of the days before. Rows that did not come again are not written again: they
    keep their `_dlt_load_id`. Two categories may have files of the same name. For example, after
    `load(pipeline, monday)` twice and `load(pipeline, tuesday)`, the table `images` has 4 rows, and that of
    `bottle/test/001.png` says `scratch`.
    """)
    return


@app.cell
def exercise_1():
    def load(pipeline: dlt.Pipeline, rows: list[dict]) -> None:
        """Loads a delivery into `images`: new rows are added, rows of a known image take its row's place."""
        # BEGIN SOLUTION
        pipeline.run(rows, table_name="images", write_disposition="merge", primary_key="sample_id")
        # END SOLUTION

    return (load,)


@app.cell(hide_code=True)
def checkpoint_1(load):
    checkpoint("07_bug_on_tuesday", 1, load=lambda: load)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("07_bug_on_tuesday", 1)
    return


if __name__ == "__main__":
    app.run()
