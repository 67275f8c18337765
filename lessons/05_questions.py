import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="5 · Questions, and where to go next")

with app.setup(hide_code=True):
    from pathlib import Path

    import marimo as mo

    from classroom.course.contents import Kind
    from classroom.course.registry import find_course
    from classroom.pages.pictures import render_topic_map
    from classroom.pages.quiz import Question, answer, ask

    COURSE = find_course(Path(__file__).parent)
    PLANNED = {
        "Schemas and contracts": ("inferred, hinted, frozen", "when a source changes"),
        "Hardware limits": ("memory, threads, disk", "what to measure first"),
        "Incremental loading and state": ("cursors, keys, late files", "what dlt remembers"),
        "The dlt ecosystem": ("sources and destinations", "SQL, ibis, dashboards"),
        "Scaling out": ("many workers, one table", "buckets and warehouses"),
    }


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
        "for every layout: `src/darkroom/extract/readers/` has three readers, and everything else exists once.",
        poll="Poll 2",
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
    mo.vstack(
        [
            mo.md("## What most people ask"),
            mo.accordion(
                {
                    "Why are the pixels in the table, and not only paths?": """
                    A path is true on one machine. With the pixels in the table, everybody trains on the same bytes,
                    one query chooses the samples, and nothing is decoded again in every epoch. What that is worth, and
                    what it costs on disk, is measured in `docs/performance.md`. Keep the originals: the table has
                    their path and hash.""",
                    "Does dlt read images?": """
                    No. dlt lists files, and loads rows and columns. Decoding, resizing and pairing masks is our code,
                    in `darkroom`. It hands over Arrow tables with a binary column, because pixels as nested lists would
                    become rows of child tables.""",
                    "When is dlt too much?": """
                    For one file that is read once. It pays from the second run on: keys, schema, state, and a load that
                    can be interrupted.""",
                    "Can the destination be another database?": """
                    For dlt, it is one argument: `destination="postgres"`, and its credentials in the configuration.
                    What is bound to DuckDB in `darkroom` is reading: the README says which commands need the file.""",
                    "How do I know that two people train on the same images?": """
                    `uv run darkroom summary` prints a fingerprint of each image dataset: a hash over the keys and
                    contents of its samples. Two equal lines mean equal images.""",
                }
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def topic_map():
    _dives = {
        lesson.title: tuple(goal.rstrip(".") for goal in lesson.objectives)
        for lesson in COURSE.lessons
        if lesson.kind is Kind.DEEP_DIVE
    }
    _note = "Each is a notebook in `lessons/`, at your own pace." if _dives else "These are planned, not yet written."
    mo.vstack(
        [
            mo.md(f"## Deep dives\n\n{_note}"),
            mo.mermaid(render_topic_map("one table", _dives or PLANNED)),
        ]
    )
    return


@app.cell(hide_code=True)
def read_next():
    def tell(entries):
        return "\n".join(f"- {entry.title}: {', '.join(map(link, entry.docs))}" for entry in entries if entry.docs)

    def link(url):
        site, _, page = url.partition("//")[2].partition("/")
        return f"[{site} · {page.rstrip('/').rpartition('/')[2].partition('#')[0]}]({url})"

    mo.vstack(
        [
            mo.md(f"## Read next\n\nNothing is fetched until you click.\n\n{tell(COURSE.lessons)}"),
            mo.accordion({"And for each exercise": mo.md(tell(COURSE.exercises))}),
        ]
    )
    return


@app.cell(hide_code=True)
def feedback_form():
    feedback = (
        mo.md("{pace}\n\n{recommend}\n\n{keep}\n\n{change}\n\n{question}")
        .batch(
            pace=mo.ui.radio(["too slow", "just right", "too fast"], label="The pace was", inline=True),
            recommend=mo.ui.slider(0, 10, value=5, show_value=True, label="I would recommend it, 0 to 10"),
            keep=mo.ui.text_area(label="Keep: what helped", rows=2, full_width=True),
            change=mo.ui.text_area(label="Change: what did not", rows=2, full_width=True),
            question=mo.ui.text_area(label="A question that is left", rows=2, full_width=True),
        )
        .form(submit_button_label="Make the text")
    )
    mo.vstack([mo.md("## Feedback\n\nNothing is sent. The form makes a text that you paste where you like."), feedback])
    return (feedback,)


@app.cell(hide_code=True)
def feedback_text(feedback):
    mo.stop(feedback.value is None)
    _lines = [f"Feedback: {COURSE.title}"]
    _lines += [f"{name}: {value}" for name, value in feedback.value.items() if value not in (None, "")]
    mo.ui.text_area(
        "\n".join(_lines),
        label="Click into the text, select all (Ctrl+A, or ⌘A), copy, and paste it into the chat",
        rows=len(_lines) + 1,
        full_width=True,
    )
    return


if __name__ == "__main__":
    app.run()
