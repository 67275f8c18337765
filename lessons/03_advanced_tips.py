import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="3 · Troubles and tips",
)

with app.setup(hide_code=True):
    import functools
    import threading
    import time
    from contextlib import suppress
    from pathlib import Path

    import dlt
    import duckdb
    import marimo as mo
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from dlt.pipeline.exceptions import PipelineStepFailed
    from dlt.sources.filesystem import filesystem

    from classroom.course.registry import find_course
    from classroom.course.workspace import session_workspace
    from classroom.pages.navigation import lesson_links
    from classroom.pages.quiz import Question, answer, ask
    from classroom.pages.tips import TIPS
    from classroom.pages.troubles import (
        TROUBLES,
        Demonstrations,
        make_choices,
        open_elsewhere,
        read_choices,
        rows_of,
        run_script,
        tell_versions,
    )
    from classroom.pages.widgets import make_button, run_if_pressed, show_or_wait, show_rows

    SAMPLES = find_course(Path(__file__).parent).root / "sample_data"


@app.cell(hide_code=True)
def ways_out():
    lesson_links("03_advanced_tips")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # Troubles and tips

    Ten troubles that everybody meets with dlt, and four tips. **You choose** which of them open.

    Nothing here is a picture of an error: what you choose is run at that moment, on this computer, in a database of
    its own. Beside each piece of code stands what came of it.

    ## Spot the bug

    This pipeline ran last night, without an error and without a warning. Two minutes: run it, then find the line.
    """)
    return


@app.cell
def hunted():
    @dlt.resource(name="photographs", primary_key="filename", write_disposition="merge")
    def photographs(folder):
        for path in sorted(folder.rglob("*.png")):
            if "ground_truth" not in path.parts:
                yield {"filename": path.name, "label": path.parent.name, "size_bytes": path.stat().st_size}

    mo.show_code()
    return (photographs,)


@app.cell
def count_photographs(photographs):
    def load_and_count():
        workspace, folder = session_workspace(), SAMPLES / "mvtec_like"
        workspace.pipeline().run(photographs(folder))
        [(row_count,)] = workspace.query("SELECT count(*) FROM inspection.photographs")
        return {"photographs on disk": len(list(photographs(folder))), "rows in the table": row_count}

    mo.show_code()
    return (load_and_count,)


@app.cell(hide_code=True)
def press_hunt():
    hunt_button = make_button("Run it")
    hunt_button
    return (hunt_button,)


@app.cell(hide_code=True)
def run_hunt(hunt_button, load_and_count):
    _counts = run_if_pressed(hunt_button, load_and_count, "One load …")
    show_or_wait(_counts, lambda counts: show_rows([counts]).text, "Run it")
    return


@app.cell(hide_code=True)
def hunt():
    bug = Question(
        text="Which part of it loses photographs?",
        options=("the key", "the write disposition", "the search for *.png", "the test for ground_truth"),
        answer=0,
        why="`000.png` is in `train/good`, in `test/good`, and again in the other category. To `merge` they are one "
        "sample, and the last one stays. A key is what no two samples share: the path below the image dataset, and "
        "not the file's name.",
        poll="Bug",
    )
    bug_guess = ask(bug)
    bug_guess
    return bug, bug_guess


@app.cell(hide_code=True)
def hunt_answer(bug, bug_guess):
    answer(bug, bug_guess.value)
    return


@app.cell(hide_code=True)
def the_ten():
    mo.md("""
    ## Which of these have you met?

    Type the numbers into the chat, as in `1 4 7`. Tick the most frequent, and press the button.
    """)
    return


@app.cell(hide_code=True)
def choose_troubles():
    _titles = {trouble.id: f"**{number}** · {trouble.title}" for number, trouble in enumerate(TROUBLES, start=1)}
    chosen_troubles = make_choices(_titles, "Provoke these")
    chosen_troubles
    return (chosen_troubles,)


@app.cell(hide_code=True)
def predict_second_try():
    second_try = Question(
        text="A load fails, because a viewer has the file open. You close it, mend a typo in your row, and run again. "
        "The run succeeds. What is in the table?",
        options=("the mended row", "the row with the typo", "both rows"),
        answer=1,
        why="The failed load was pending, and the second run finished *that*; it did not read your mended row. "
        "Trouble 1 shows it, with the one line of the log that tells.",
        poll="Second try",
    )
    second_try_guess = ask(second_try)
    second_try_guess
    return second_try, second_try_guess


@app.cell(hide_code=True)
def check_second_try(second_try, second_try_guess):
    answer(second_try, second_try_guess.value)
    return


@app.cell(hide_code=True)
def run_again():
    again = mo.ui.run_button(label="Run all of it again")
    again
    return (again,)


@app.cell(hide_code=True)
def demonstrate(again):
    again.value  # a click makes new ones, which remember nothing
    demonstrations = Demonstrations()
    return (demonstrations,)


@app.cell(hide_code=True)
def open_troubles(chosen_troubles, demonstrations):
    _ticked = read_choices(chosen_troubles)
    show_case = functools.partial(demonstrations.show_case, [name for name in _ticked if _ticked[name]])
    mo.md("" if any(_ticked.values()) else "Nothing is chosen yet: tick one above, and press the button.")
    return (show_case,)


@app.cell
def pending(show_case):
    def provoke_pending(workspace):
        """A load fails; you mend the typo in your row and run again."""
        pipeline = workspace.pipeline()
        pipeline.run([{"id": 1, "label": "good"}], table_name="images")
        with duckdb.connect(workspace.database, read_only=True), suppress(PipelineStepFailed):
            pipeline.run([{"id": 2, "label": "godo"}], table_name="images")
        pipeline.run([{"id": 2, "label": "good"}], table_name="images")
        return rows_of(workspace, "id, label")

    def mend_pending(workspace):
        """After a failure, throw away what is pending, then run."""
        pipeline = workspace.pipeline("mended", dataset="mended")
        with duckdb.connect(workspace.database, read_only=True), suppress(PipelineStepFailed):
            pipeline.run([{"id": 2, "label": "godo"}], table_name="images")
        pipeline.abort_packages()
        pipeline.run([{"id": 2, "label": "good"}], table_name="images")
        return rows_of(workspace, "id, label", "mended")

    show_case("pending", provoke_pending, mend_pending)
    return mend_pending, provoke_pending


@app.cell
def frozen(show_case):
    def provoke_frozen(workspace):
        """The columns are frozen, and a new one arrives."""
        pipeline = workspace.pipeline()
        frozen = {"columns": "freeze"}
        pipeline.run([{"id": 1}], table_name="images", schema_contract=frozen)
        rows = [{"id": 2, "camera": "B"}]
        pipeline.run(rows, table_name="images", schema_contract=frozen)
        return rows_of(workspace)

    def mend_frozen(workspace):
        """You want the column: say so, on purpose."""
        pipeline = workspace.pipeline()
        pipeline.abort_packages()
        evolve = {"columns": "evolve"}
        rows = [{"id": 2, "camera": "B"}]
        pipeline.run(rows, table_name="images", schema_contract=evolve)
        return rows_of(workspace, "id, camera")

    show_case("frozen", provoke_frozen, mend_frozen)
    return mend_frozen, provoke_frozen


@app.cell
def key_script():
    key_script = """import dlt

@dlt.resource
def artworks(museum_key: str = dlt.secrets.value):
    yield {"id": 1, "has_key": bool(museum_key)}

print(list(artworks()))
"""
    return (key_script,)


@app.cell
def config(key_script, show_case):
    def provoke_config(workspace):
        """Started in a folder without .dlt/."""
        return run_script(workspace.folder / "downloads", "load.py", key_script)

    def mend_config(workspace):
        """Put the key where dlt looked, and start where .dlt/ is."""
        project = workspace.folder / "project"
        (project / ".dlt").mkdir(parents=True)
        secrets = '[sources]\nmuseum_key = "of no worth"\n'
        (project / ".dlt" / "secrets.toml").write_text(secrets, encoding="utf-8")
        return run_script(project, "load.py", key_script)

    show_case("config", provoke_config, mend_config, script=key_script)
    return mend_config, provoke_config


@app.cell
def lock_process(show_case):
    def provoke_lock_process(workspace):
        """Another program, here a second Python, has the file open."""
        pipeline = workspace.pipeline()
        pipeline.run([{"id": 1}], table_name="images")
        with open_elsewhere(workspace.database):
            pipeline.run([{"id": 2}], table_name="images")
        return rows_of(workspace)

    def mend_lock_process(workspace):
        """The other program is closed; a run without rows finishes the load."""
        workspace.pipeline().run()
        return rows_of(workspace)

    show_case("lock_process", provoke_lock_process, mend_lock_process)
    return mend_lock_process, provoke_lock_process


@app.cell
def lock_connection(show_case):
    def provoke_lock_connection(workspace):
        """You look at the table, and leave the connection open."""
        pipeline = workspace.pipeline()
        pipeline.run([{"id": 1}], table_name="images")
        with duckdb.connect(workspace.database, read_only=True) as connection:
            connection.sql("SELECT count(*) FROM inspection.images").fetchone()
            pipeline.run([{"id": 2}], table_name="images")
        return rows_of(workspace)

    def mend_lock_connection(workspace):
        """Look in a short block; run after it."""
        with duckdb.connect(workspace.database, read_only=True) as connection:
            connection.sql("SELECT count(*) FROM inspection.images").fetchone()
        workspace.pipeline().run()
        return rows_of(workspace)

    show_case("lock_connection", provoke_lock_connection, mend_lock_connection)
    return mend_lock_connection, provoke_lock_connection


@app.cell
def cursor_path(show_case):
    def provoke_cursor_path(workspace):
        """The table shows modified_at, so that is what you write."""

        @dlt.resource(incremental=dlt.sources.incremental("modified_at"))
        def images():
            yield {"id": 1, "modifiedAt": "2026-11-01"}

        workspace.pipeline().run(images())
        return rows_of(workspace)

    def mend_cursor_path(workspace):
        """Name the field as the source does; dlt renames it later."""

        @dlt.resource(incremental=dlt.sources.incremental("modifiedAt"))
        def images():
            yield {"id": 1, "modifiedAt": "2026-11-01"}

        workspace.pipeline().run(images())
        return rows_of(workspace, "id, modified_at")

    show_case("cursor_path", provoke_cursor_path, mend_cursor_path)
    return mend_cursor_path, provoke_cursor_path


@app.cell
def cursor_none(show_case):
    undated_rows = [{"id": 1, "modified_at": "2026-11-01"}, {"id": 2, "modified_at": None}]

    def provoke_cursor_none(workspace):
        """Of the undated_rows, one has {"modified_at": None}."""

        @dlt.resource(incremental=dlt.sources.incremental("modified_at"))
        def images():
            yield from undated_rows

        workspace.pipeline().run(images())
        return rows_of(workspace)

    def mend_cursor_none(workspace):
        """Say what becomes of such rows: include, exclude or raise."""
        include = {"on_cursor_value_missing": "include"}

        @dlt.resource(incremental=dlt.sources.incremental("modified_at", **include))
        def images():
            yield from undated_rows

        workspace.pipeline().run(images())
        return rows_of(workspace)

    show_case("cursor_none", provoke_cursor_none, mend_cursor_none)
    return mend_cursor_none, provoke_cursor_none


@app.cell
def cursor_type(show_case):
    def provoke_cursor_type(workspace):
        """Revisions were numbers; the new export writes them as text."""

        @dlt.resource(incremental=dlt.sources.incremental("revision"))
        def images(rows):
            yield from rows

        workspace.pipeline().run(images([{"id": 1, "revision": 7}]))
        workspace.pipeline().run(images([{"id": 2, "revision": "8"}]))
        return rows_of(workspace)

    def mend_cursor_type(workspace):
        """Cast the value to the type that the state remembers."""

        @dlt.resource(incremental=dlt.sources.incremental("revision"))
        def images(rows):
            yield from ({**row, "revision": int(row["revision"])} for row in rows)

        workspace.pipeline().run(images([{"id": 2, "revision": "8"}]))
        return rows_of(workspace, "id, revision")

    show_case("cursor_type", provoke_cursor_type, mend_cursor_type)
    return mend_cursor_type, provoke_cursor_type


@app.cell
def mixed(show_case):
    def provoke_mixed(workspace):
        """Dicts first, then a DataFrame, with dlt's own settings."""
        pipeline = workspace.pipeline()
        pipeline.run([{"id": 1}], table_name="images")
        setting = "normalize.parquet_normalizer.add_dlt_load_id"
        with dlt.config.values({setting: False}):  # as it is unless you say so
            pipeline.run(pd.DataFrame({"id": [2]}), table_name="images")
        return rows_of(workspace)

    def mend_mixed(workspace):
        """Let dlt add its two columns to Arrow tables and DataFrames as well."""
        workspace.pipeline().abort_packages()
        section = "normalize.parquet_normalizer"
        both = {f"{section}.add_dlt_load_id": True, f"{section}.add_dlt_id": True}
        with dlt.config.values(both):
            workspace.pipeline().run(pd.DataFrame({"id": [2]}), table_name="images")
        return rows_of(workspace, "id, _dlt_load_id IS NOT NULL AS has_load_id")

    show_case("mixed", provoke_mixed, mend_mixed)
    return mend_mixed, provoke_mixed


@app.cell
def duplicates(show_case):
    def provoke_duplicates(workspace):
        """The same two rows, merged twice."""
        pipeline = workspace.pipeline()
        for _ in range(2):
            rows = [{"id": 1, "label": "good"}, {"id": 2, "label": "scratch"}]
            pipeline.run(rows, table_name="images", write_disposition="merge")
        return rows_of(workspace)

    def mend_duplicates(workspace):
        """Name the key; merging once more removes the doubles."""
        rows = [{"id": 1, "label": "good"}, {"id": 2, "label": "scratch"}]
        images = dlt.resource(rows, name="images", primary_key="id")
        workspace.pipeline().run(images, write_disposition="merge")
        return rows_of(workspace)

    show_case("duplicates", provoke_duplicates, mend_duplicates)
    return mend_duplicates, provoke_duplicates


@app.cell
def generator_twice(show_case):
    def read_samples():
        yield {"id": 1, "label": "good"}
        yield {"id": 2, "label": "scratch"}

    def provoke_generator_twice(workspace):
        """You look at the rows that read_samples() yields before you load them."""
        samples = read_samples()
        next(samples)
        workspace.pipeline().run(samples, table_name="images")
        return rows_of(workspace)

    def mend_generator_twice(workspace):
        """Call the function anew for each use."""
        next(read_samples())
        workspace.pipeline().run(read_samples(), table_name="images")
        return rows_of(workspace)

    show_case("generator_twice", provoke_generator_twice, mend_generator_twice)
    return mend_generator_twice, provoke_generator_twice, read_samples


@app.cell
def no_yield(read_samples, show_case):
    def provoke_no_yield(workspace):
        """The rows are read, and go nowhere."""

        @dlt.resource
        def images():
            list(read_samples())

        workspace.pipeline().run(images())
        return rows_of(workspace)

    def mend_no_yield(workspace):
        """A resource yields."""

        @dlt.resource
        def images():
            yield list(read_samples())

        workspace.pipeline().run(images())
        return rows_of(workspace)

    show_case("no_yield", provoke_no_yield, mend_no_yield)
    return mend_no_yield, provoke_no_yield


@app.cell
def no_yield_from(read_samples, show_case):
    def provoke_no_yield_from(workspace):
        """Three samples are meant; two come from a function."""

        @dlt.resource
        def images():
            yield {"id": 0, "label": "good"}
            read_samples()

        workspace.pipeline().run(images())
        return rows_of(workspace)

    def mend_no_yield_from(workspace):
        """Pass on what the function yields."""

        @dlt.resource(write_disposition="replace")
        def images():
            yield {"id": 0, "label": "good"}
            yield from read_samples()

        workspace.pipeline().run(images())
        return rows_of(workspace)

    show_case("no_yield_from", provoke_no_yield_from, mend_no_yield_from)
    return mend_no_yield_from, provoke_no_yield_from


@app.cell
def unlike_batches(show_case):
    def provoke_unlike_batches(workspace):
        """One camera measures whole pixels, the other halves."""

        def batches():
            yield pa.table({"id": [1], "defect_px": [12]})
            yield pa.table({"id": [2], "defect_px": [12.5]})

        workspace.pipeline().run(batches(), table_name="images")
        return rows_of(workspace)

    def mend_unlike_batches(workspace):
        """Write the schema down once, and make every batch with it."""
        schema = pa.schema([("id", pa.int64()), ("defect_px", pa.float64())])

        def batches():
            yield pa.table({"id": [1], "defect_px": [12]}, schema=schema)
            yield pa.table({"id": [2], "defect_px": [12.5]}, schema=schema)

        workspace.pipeline().run(batches(), table_name="images")
        return rows_of(workspace, "id, defect_px")

    show_case("unlike_batches", provoke_unlike_batches, mend_unlike_batches)
    return mend_unlike_batches, provoke_unlike_batches


@app.cell
def ndarray(show_case):
    def provoke_ndarray(workspace):
        """An array as a value of a row."""
        pixels = np.zeros((2, 3), np.uint8)
        workspace.pipeline().run([{"id": 1, "pixels": pixels}], table_name="images")
        return rows_of(workspace)

    def mend_ndarray(workspace):
        """Bytes, and the shape to read them by; never lists of pixels."""
        pixels = np.zeros((2, 3), np.uint8)
        row = {"id": 1, "pixels": pixels.tobytes(), "height": 2, "width": 3}
        workspace.pipeline().run([row], table_name="images")
        return rows_of(workspace, "octet_length(pixels) AS size_bytes, height, width")

    show_case("ndarray", provoke_ndarray, mend_ndarray)
    return mend_ndarray, provoke_ndarray


@app.cell
def shadow(show_case):
    first_script = """import dlt

images = dlt.resource([{"id": 1}, {"id": 2}], name="images")
print(list(images))
"""

    def provoke_shadow(workspace):
        """The first script with dlt is called ... dlt.py."""
        return run_script(workspace.folder, "dlt.py", first_script)

    def mend_shadow(workspace):
        """Any other name does."""
        (workspace.folder / "dlt.py").unlink()
        return run_script(workspace.folder, "load.py", first_script)

    show_case("shadow", provoke_shadow, mend_shadow, script=first_script)
    return mend_shadow, provoke_shadow


@app.cell
def no_pyarrow(show_case):
    frame_script = """import dlt
import pandas as pd

database = dlt.destinations.duckdb("frames.duckdb")
pipeline = dlt.pipeline("frames", destination=database, pipelines_dir="pipelines")
pipeline.run(pd.DataFrame({"id": [1, 2]}), table_name="images")
print(pipeline.last_trace.last_normalize_info.row_counts["images"], "rows")
"""

    def provoke_no_pyarrow(workspace):
        """A DataFrame, where pyarrow is not installed."""
        hide = "import sys\nsys.modules['pyarrow'] = None  # as if not there\n"
        return run_script(workspace.folder, "load.py", hide + frame_script)

    def mend_no_pyarrow(workspace):
        """After `pip install "dlt[parquet]"`."""
        return run_script(workspace.folder, "load.py", frame_script)

    show_case("no_pyarrow", provoke_no_pyarrow, mend_no_pyarrow, script=frame_script)
    return mend_no_pyarrow, provoke_no_pyarrow


@app.cell
def file_url(show_case):
    def provoke_file_url(workspace):
        """A relative path with file:/// written before it."""
        folder = workspace.folder / "inspection_images"
        folder.mkdir()
        (folder / "000.png").touch()
        url = f"file:///{folder.name}"
        return f"{len(list(filesystem(url, file_glob='*.png')))} files in {url}"

    def mend_file_url(workspace):
        """A plain path; dlt makes the URL."""
        folder = workspace.folder / "inspection_images"
        files = filesystem(str(folder.resolve()), file_glob="*.png")
        return f"{len(list(files))} file in a plain path to {folder.name}"

    show_case("file_url", provoke_file_url, mend_file_url)
    return mend_file_url, provoke_file_url


@app.cell
def versions(show_case):
    def look_at_versions(_workspace):
        """What is installed here, beside what is known to break."""
        return tell_versions()

    show_case("versions", look_at_versions)
    return


@app.cell(hide_code=True)
def tips_introduction():
    mo.md("""
    ## Which tip would you like?

    Type a letter into the chat.
    """)
    return


@app.cell(hide_code=True)
def choose_tips():
    _titles = {tip.id: f"**{letter}** · {tip.title}" for letter, tip in zip("ABCD", TIPS, strict=True)}
    chosen_tips = make_choices(_titles, "Measure these")
    chosen_tips
    return (chosen_tips,)


@app.cell(hide_code=True)
def predict_freeze():
    freeze = Question(
        text="A frozen table gets two rows. One is as always, the other has a new column. How many rows are added?",
        options=("two: the new column is dropped", "one: the row that fits", "none"),
        answer=2,
        why="`freeze` refuses the whole load: half of an export is worse than none. `discard_row` adds the one that "
        "fits, `discard_value` both without the column. Tip A measures all four modes.",
        poll="Freeze",
    )
    freeze_guess = ask(freeze)
    freeze_guess
    return freeze, freeze_guess


@app.cell(hide_code=True)
def check_freeze(freeze, freeze_guess):
    answer(freeze, freeze_guess.value)
    return


@app.cell(hide_code=True)
def open_tips(chosen_tips, demonstrations):
    _ticked = read_choices(chosen_tips)
    show_tip = functools.partial(demonstrations.show_tip, [name for name in _ticked if _ticked[name]])
    mo.md("" if any(_ticked.values()) else "Nothing is chosen yet: tick one above, and press the button.")
    return (show_tip,)


@app.cell
def tip_contracts(show_tip):
    def load_newcomers(workspace, mode):
        """The table has id and label. Two rows arrive; one has a camera."""
        pipeline = workspace.pipeline(f"contract_{mode}", dataset=f"contract_{mode}")
        pipeline.run([{"id": 1, "label": "good"}], table_name="images")

        newcomers = [{"id": 2, "label": "good"}, {"id": 3, "label": "scratch", "camera": "B"}]
        pipeline.run(newcomers, table_name="images", schema_contract={"columns": mode})

    show_tip("contracts", load_newcomers)
    return (load_newcomers,)


@app.cell
def tip_dispositions(show_tip):
    def load_twice(workspace, disposition):
        """Yesterday's export, then today's: id 2 changed, id 3 is new."""
        pipeline = workspace.pipeline(disposition, dataset=f"load_{disposition}")
        yesterday = [{"id": 1, "label": "good"}, {"id": 2, "label": "good"}]
        today = [{"id": 2, "label": "scratch"}, {"id": 3, "label": "good"}]
        for rows in (yesterday, today):
            pipeline.run(rows, table_name="images", write_disposition=disposition, primary_key="id")

    show_tip("dispositions", load_twice)
    return (load_twice,)


@app.cell
def tip_parallelized(show_tip):
    @dlt.source
    def three_cameras(is_parallelized):
        """Three resources that wait for pages, as from an API."""

        def pages(camera):
            for page in range(4):
                time.sleep(0.05)  # what a network does
                yield {"camera": camera, "page": page, "thread": threading.get_ident()}

        for camera in ("left", "middle", "right"):
            yield dlt.resource(pages, name=camera, parallelized=is_parallelized)(camera)

    show_tip("parallelized", three_cameras)
    return (three_cameras,)


@app.cell
def tip_state(show_tip):
    @dlt.resource
    def visits():
        """A resource that remembers how often it ran."""
        state = dlt.current.resource_state()
        state["runs"] = state.get("runs", 0) + 1
        yield {"run": state["runs"]}

    show_tip("state", visits)
    return (visits,)


@app.cell(hide_code=True)
def close():
    mo.md("""
    **Three habits that prevent most of this.** Read the *last* lines of the message first. Count the rows after a
    second run. Run `classroom doctor` before you blame your code.
    """)
    return


@app.cell(hide_code=True)
def ways_on():
    lesson_links("03_advanced_tips")
    return


if __name__ == "__main__":
    app.run()
