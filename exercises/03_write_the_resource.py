import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="3 · Write the resource")

with app.setup(hide_code=True):
    import dlt
    import marimo as mo

    from classroom.checks.write_the_resource import DAYS, load_monday_and_tuesday, make_samples
    from classroom.course.workspace import temporary_workspace
    from classroom.pages.checkpoint import checkpoint


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 3 · Write the resource

    A pipeline runs more than once: tonight, tomorrow, and again after somebody pressed Ctrl-C. If the second run adds
    the same photographs once more, the model sees them twice, and its score on the test images is worth nothing. If
    the second run throws away what came before, the model sees today's photographs only.

    Which of it happens is decided in one line, above the function that yields the rows.

    Here is what comes in. On Tuesday only two files are read: one photograph was taken again, one is new.
    """)
    return


@app.cell(hide_code=True)
def samples():
    mo.ui.table(
        [
            {
                "day": day,
                "sample_id": sample["sample_id"],
                "filename": sample["filename"],
                "content_sha256": sample["content_sha256"][:8],
                "image_tensor": f"{len(sample['image_tensor'])} bytes",
            }
            for day in DAYS
            for sample in make_samples(day)
        ],
        selection=None,
        show_search=False,
        show_download=False,
    )
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `images`: a dlt resource that is called with such a list of samples and yields them. After both
    days the table `images` holds **five rows**: each sample once, as it looked last. The schema knows what makes a row
    unique.
    """)
    return


@app.cell
def exercise_1():
    images = None

    pass  # write here
    return (images,)


@app.cell(hide_code=True)
def checkpoint_1(images):
    checkpoint("03_write_the_resource", 1, images=images)
    return


@app.cell(hide_code=True)
def ask_to_load():
    load = mo.ui.run_button(label="Load Monday, then Tuesday")
    mo.vstack([mo.md("### See for yourself\n\nThe rows of `images` after each run, in a new database:"), load])
    return (load,)


@app.cell(hide_code=True)
def after(images, load):
    mo.stop(not load.value)
    with temporary_workspace() as _workspace:
        _rows = load_monday_and_tuesday(images, _workspace).get("rows", {}) if images is not None else {}
    mo.stop(not _rows, mo.md("*There is no table `images` yet.*"))
    mo.ui.table(
        [
            {"after": day, "sample_id": name, "content_sha256": sha256[:8]}
            for day, rows in _rows.items()
            for name, sha256, _ in rows
        ],
        selection=None,
        show_search=False,
        show_download=False,
    )
    return


if __name__ == "__main__":
    app.run()
