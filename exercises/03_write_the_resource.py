import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="3 · Write the resource")

with app.setup(hide_code=True):
    import dlt
    import marimo as mo

    from classroom.checks.write_the_resource import DAYS, load_monday_and_tuesday, make_samples
    from classroom.course.workspace import temporary_workspace
    from classroom.pages.checkpoint import checkpoint, hints, try_out
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.widgets import show_rows


@app.cell(hide_code=True)
def banner():
    exercise_banner("03_write_the_resource")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 3 · Write the resource

    A pipeline runs more than once: tonight, tomorrow, and again after somebody pressed Ctrl-C. If the second run adds
    the same photographs once more, the model sees them twice, and its score on the test images is worth nothing. If
    the second run throws away what came before, the model sees today's photographs only.

    One line, above the function that yields the rows, decides what happens.

    Here is what comes in. On Tuesday only two files are read: one photograph was taken again, one is new.
    """)
    return


@app.cell(hide_code=True)
def samples():
    show_rows(
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
    )
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `images`: a dlt resource that is called with such a list of samples and yields them. After both
    days the table `images` holds **five rows**: each sample once, as it looked last. The schema knows what makes a row
    unique. For example, `mvtec_ad/bottle/test/good/001.png` came on both days, and is one row, with Tuesday's hash
    `50f6bf7c`.
    """)
    return


@app.cell
def exercise_1():
    images = None

    pass  # write here
    return (images,)


@app.cell(hide_code=True)
def checkpoint_1(images):
    checkpoint("03_write_the_resource", 1, images=lambda: images)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("03_write_the_resource", 1)
    return


@app.cell(hide_code=True)
def ask_to_load():
    load = mo.ui.run_button(label="Load Monday, then Tuesday")
    mo.vstack([mo.md("### See for yourself\n\nThe rows of `images` after each run, in a new database:"), load])
    return (load,)


@app.cell(hide_code=True)
def after(images, load):
    mo.stop(not load.value)
    _resource = try_out(lambda: images)
    with temporary_workspace() as _workspace:
        _evidence = try_out(lambda: load_monday_and_tuesday(_resource, _workspace)) if _resource is not None else {}
    _rows = _evidence.get("rows", {})
    mo.stop(not _rows, mo.md("*There is no table `images` yet.*"))
    show_rows(
        [
            {"after": day, "sample_id": name, "content_sha256": sha256[:8]}
            for day, rows in _rows.items()
            for name, sha256, _ in rows
        ],
    )
    return


if __name__ == "__main__":
    app.run()
