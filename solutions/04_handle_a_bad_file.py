import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="4 · Handle a bad file")

with app.setup(hide_code=True):
    from inspect import getsource
    from textwrap import dedent

    import dlt
    import marimo as mo
    import numpy as np
    from PIL import Image

    from classroom.checks.handle_a_bad_file import SIZE_PX, load_files, write_files
    from classroom.course.workspace import session_workspace, temporary_workspace
    from classroom.pages.checkpoint import checkpoint, hints, try_out
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.widgets import show_rows


@app.cell(hide_code=True)
def banner():
    exercise_banner("04_handle_a_bad_file")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 4 · Handle a bad file

    Of ten thousand photographs from a factory, a few are always broken: the network went down while one was copied,
    somebody saved a delivery note as `.png`, a disk was full. Two things happen in real life, and both are bad:

    - the run **stops** in the middle of the night, at file 4711, and nothing is loaded;
    - the run **goes on without a word**, and weeks later nobody can say why there are 9988 rows.

    Nine files came in. Some look like pictures only from outside:
    """)
    return


@app.cell(hide_code=True)
def files():
    show_rows(
        [
            {"file": path.name, "bytes": path.stat().st_size, "begins with": repr(path.read_bytes()[:16])[2:-1]}
            for path in write_files(session_workspace().folder / "files")
        ],
    )
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    `read_row` is complete. It returns the row of one file, or raises whatever Pillow raises:
    """)
    return


@app.cell
def reading():
    def read_row(path):
        """The row of `images` for one file."""
        with Image.open(path) as picture:
            pixels = picture.convert("RGB").resize((SIZE_PX, SIZE_PX))
        return {"filename": path.name, "image_tensor": np.asarray(pixels).tobytes()}

    return (read_row,)


@app.cell(hide_code=True)
def reading_in_run_mode(read_row):
    # `marimo run` hides all code
    mo.md(f"```python\n{dedent(getsource(read_row))}```") if mo.app_meta().mode == "run" else None
    return


@app.cell(hide_code=True)
def your_turn():
    mo.md("""
    **Your turn.** Complete the generator `read_files`, so that each file ends in exactly one row:

    - of the table `images` where it can be read;
    - of the table `rejects` where it cannot, with the columns `filename` and `reason`; the reason is a text that tells
      one trouble from another.

    The checkpoint calls it with the paths of ten other files of these kinds, under names that tell nothing.

    For example, for `001.png` and `empty.png`: the row of `read_row`, for `images`; then
    `{"filename": "empty.png", "reason": "UnidentifiedImageError: …"}`, for `rejects`.

    A generator can yield rows for two tables: `dlt.mark.with_table_name(row, "rejects")` is a row with its table's name
    on it.
    """)
    return


@app.cell
def exercise_1(read_row):
    def read_files(paths):
        """Yields a row of `images` or a row of `rejects` for each path."""
        # BEGIN SOLUTION
        for path in paths:
            try:
                row = read_row(path)
            # what a broken file makes Pillow raise has no common class, so the one file is the limit and not the class
            except Exception as error:
                reject = {"filename": path.name, "reason": f"{type(error).__name__}: {error}"}
                yield dlt.mark.with_table_name(reject, "rejects")
            else:
                yield dlt.mark.with_table_name(row, "images")
        # END SOLUTION

    return (read_files,)


@app.cell(hide_code=True)
def checkpoint_1(read_files):
    checkpoint("04_handle_a_bad_file", 1, read_files=lambda: read_files)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("04_handle_a_bad_file", 1)
    return


@app.cell(hide_code=True)
def ask_to_load():
    load = mo.ui.run_button(label="Load the nine files")
    mo.vstack([mo.md("### See for yourself\n\nWhat lands in the database, a new one each time:"), load])
    return (load,)


@app.cell(hide_code=True)
def after(load, read_files):
    mo.stop(not load.value)
    with temporary_workspace() as _workspace:
        _files = write_files(_workspace.folder / "files")
        _found = try_out(lambda: load_files(read_files, _files, _workspace))
    _stopped = _found.get("stopped") or ("" if _found.get("tables") else "Nothing was loaded.")
    mo.stop(_stopped, mo.callout(_stopped, kind="warn"))
    _images = [{"filename": name, "image_tensor": f"{count} bytes"} for name, count in _found["images"]]
    _rejects = [{"filename": name, "reason": reason} for name, reason in _found["rejects"]]
    mo.vstack(
        [
            mo.md(f"`images`: {len(_images)} rows, `rejects`: {len(_rejects)} rows"),
            show_rows(_images),
            show_rows(_rejects),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
