import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="5 · Questions, and where to go next")

with app.setup(hide_code=True):
    from pathlib import Path

    import marimo as mo

    import darkroom
    from classroom.course.registry import find_course
    from classroom.course.workspace import session_workspace
    from classroom.pages import outlook
    from classroom.pages.navigation import lesson_links
    from classroom.pages.quiz import Question, answer, ask
    from classroom.pages.widgets import make_button, rows_or_wait, run_if_pressed

    COURSE = find_course(Path(__file__).parent)
    LOAD = "Load both image datasets"


@app.cell(hide_code=True)
def ways_out():
    lesson_links("05_questions")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 5 · Questions, and where to go next

    You have seen two messy folders and a public API become one table, and you know which of the work was dlt's.
    What is left? First one question for you, then those that most people ask; then where to read on.
    """)
    return


@app.cell(hide_code=True)
def poll():
    where_question = Question(
        text="Tomorrow a colleague's folder arrives, in a layout that nobody has seen. What do you write?",
        options=(
            "a new pipeline, with a database of its own",
            "a reader that turns its paths into samples; the rest stays",
            "a script that renames the files until they look like MVTec AD",
        ),
        answer=1,
        why="A reader sees paths and yields samples. Harmonising, loading, keys, rejects and the table are the same "
        "for every layout: `src/darkroom/extract/readers/` has one for each layout, and everything else exists once.",
        poll="New layout",
    )
    where_guess = ask(where_question)
    mo.vstack([mo.md("## One for you"), where_guess])
    return where_guess, where_question


@app.cell(hide_code=True)
def poll_answer(where_guess, where_question):
    answer(where_question, where_guess.value)
    return


@app.cell(hide_code=True)
def frequent_questions():
    mo.md("""
    ## What most people ask

    The table answers some of it. Load it once, then read the code beside each answer.
    """)
    return


@app.cell
def load_both():
    folders = [COURSE.root / "sample_data" / name for name in ("mvtec_like", "dagm_like")]
    database = session_workspace().database

    def load():
        return darkroom.ingest(folders, database=database, size_px=64)

    mo.show_code()
    return database, load


@app.cell(hide_code=True)
def press_load():
    load_button = make_button(LOAD)
    load_button
    return (load_button,)


@app.cell(hide_code=True)
def run_load(load, load_button):
    report = run_if_pressed(load_button, load, "Reading, harmonising, loading …")
    mo.md(f"{report.files_seen} files seen, **{report.images.new} images** loaded." if report else "")
    return (report,)


@app.cell(hide_code=True)
def why_pixels():
    mo.md("""
    ### Why are the pixels in the table, and not only paths?

    A path is true on one machine. With the pixels in the table, everybody trains on the same bytes,
    one query chooses the samples, and nothing is decoded again in every epoch. What that is worth, and
    what it costs on disk, is measured in `docs/performance.md`. Keep the originals: the table has
    their path and hash.
    """)
    return


@app.cell
def read_an_epoch(database, report):
    def read_epoch():
        batches = darkroom.iter_batches(database, split="train", batch_size=16, shuffle_seed=1)
        return [
            {"batch": number, "shape": str(batch.images.shape), "defects": int(batch.is_defect.sum())}
            for number, batch in enumerate(batches)
        ]

    mo.show_code(rows_or_wait(report, read_epoch, LOAD), position="above")
    return


@app.cell(hide_code=True)
def same_images():
    mo.md("""
    ### How do I know that two people train on the same images?

    `uv run darkroom summary` prints a fingerprint of each image dataset: a hash over the keys,
    contents, splits and labels of its samples. Two equal lines mean the same data.
    """)
    return


@app.cell
def compare_fingerprints(database, report):
    def list_fingerprints():
        return [
            {"image dataset": found.name, "files": found.file_count, "fingerprint": found.fingerprint}
            for found in darkroom.summary(database).image_datasets
        ]

    mo.show_code(rows_or_wait(report, list_fingerprints, LOAD), position="above")
    return


@app.cell(hide_code=True)
def who_wrote_it():
    mo.md("""
    ### Which run wrote this row?

    Every row has `_dlt_load_id`, and dlt keeps a table of its loads. Joined, they say when a row came, and with how
    many others.
    """)
    return


@app.cell
def find_load(database, report):
    def count_by_load():
        return darkroom.ask(
            database,
            """
            SELECT source_dataset, load_id, inserted_at, count(*) AS images
            FROM images JOIN loads ON _dlt_load_id = load_id GROUP BY ALL ORDER BY ALL
            """,
        )

    mo.show_code(rows_or_wait(report, count_by_load, LOAD), position="above")
    return


@app.cell(hide_code=True)
def short_answers():
    _answers = {
        "Does dlt read images?": mo.md("""
        No. dlt lists files, and loads rows and columns. Decoding, resizing and pairing masks is our code,
        in `darkroom`. It hands over Arrow tables with a binary column, because pixels as nested lists would
        become rows of child tables.
        """),
        "When is dlt too much?": mo.md("""
        For one file that is read once. It pays from the second run on: keys, schema, state, and a load that
        can be interrupted.
        """),
        "Can the destination be another database?": mo.md("""
        For dlt, it is one argument: `destination="postgres"`, and its credentials in the configuration.
        What is bound to DuckDB in `darkroom` is reading: the README says which commands need the file.
        """),
    }
    mo.accordion(_answers)
    return


@app.cell(hide_code=True)
def topic_map():
    mo.vstack([mo.md("## Where to go next"), outlook.show_topics(COURSE)])
    return


@app.cell(hide_code=True)
def read_next():
    _lessons, _exercises = outlook.list_pages(COURSE.lessons), outlook.list_pages(COURSE.exercises)
    _note = mo.md(f"## Read next\n\nNothing is fetched until you click.\n\n{_lessons}")
    mo.vstack([_note, mo.accordion({"And for each exercise": mo.md(_exercises)})])
    return


@app.cell(hide_code=True)
def feedback_form():
    feedback = outlook.make_feedback_form()
    _note = mo.md("## Feedback\n\nNothing is sent. The form makes a text that you paste where you like.")
    mo.vstack([_note, feedback])
    return (feedback,)


@app.cell(hide_code=True)
def feedback_text(feedback):
    mo.stop(feedback.value is None)
    outlook.show_feedback(COURSE, feedback.value)
    return


@app.cell(hide_code=True)
def ways_on():
    lesson_links("05_questions")
    return


if __name__ == "__main__":
    app.run()
