import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="1 · Introduction",
    layout_file="layouts/01_introduction.slides.json",
    css_file="layouts/slides.css",
)

with app.setup(hide_code=True):
    from pathlib import Path

    import marimo as mo
    import pandas as pd
    from PIL import Image

    from classroom.course.registry import find_course
    from classroom.pages import slides
    from classroom.pages.navigation import lesson_links
    from classroom.pages.quiz import Question, answer_on_slide, ask

    COURSE = find_course(Path(__file__).parent)
    SAMPLES = COURSE.root / "sample_data"


@app.cell(hide_code=True)
def welcome():
    mo.Html(slides.render_welcome(COURSE))
    return


@app.cell(hide_code=True)
def two_layouts():
    mo.Html(slides.render_two_layouts(SAMPLES))
    return


@app.cell(hide_code=True)
def nothing_alike():
    mo.Html(slides.render_nothing_alike(SAMPLES))
    return


@app.function
def load_folder(folder):
    rows = []
    for path in folder.rglob("*.png"):
        image = Image.open(path).convert("RGB").resize((256, 256))
        rows.append((path.name, path.parent.name, image.tobytes()))
    return pd.DataFrame(rows, columns=["file", "label", "pixels"])


@app.cell
def friday_script():
    friday_table = load_folder(SAMPLES / "mvtec_like")
    _note = f"It ran when this page opened: <b>{len(friday_table)} rows</b>, no error."
    mo.Html(slides.render_code(load_folder, "Friday: a script, and it works", _note))
    return (friday_table,)


@app.cell(hide_code=True)
def poll(friday_table):
    script_question = Question(
        text=f"{len(friday_table)} rows, no error. What is wrong with this table?",
        options=(
            "nothing, it ran through",
            "grey and colour images cannot be in one table",
            "some rows are not photographs",
        ),
        answer=2,
        why=f"{friday_table.file.str.endswith('_mask.png').sum()} rows are **masks**: drawings of a defect, "
        "labelled `scratch` or `hole` like the photographs. A model trains on them, and nothing complains.",
        poll="Script",
    )
    script_guess = ask(script_question)
    mo.vstack([mo.Html('<div class="slide"><h2>Your guess, before we go on</h2></div>'), script_guess])
    return script_guess, script_question


@app.cell(hide_code=True)
def poll_answer(script_guess, script_question):
    answer_on_slide(script_question, script_guess.value)
    return


@app.function
def ask_on_monday(table):
    is_mask = table.file.str.endswith("_mask.png")
    photographs = table[~is_mask]
    is_shared = photographs.duplicated("file", keep=False)
    next_run = load_folder(SAMPLES / "mvtec_like")
    return {
        "rows are masks": is_mask.sum(),
        "photographs share a name with another": is_shared.sum(),
        "rows, if the next run appends": len(pd.concat([table, next_run])),
    }


@app.cell(hide_code=True)
def monday_questions(friday_table):
    _note = slides.render_figures(ask_on_monday(friday_table))
    mo.Html(slides.render_code(ask_on_monday, "Monday: three questions to the table", _note))
    return


@app.cell(hide_code=True)
def production_checklist():
    mo.Html(slides.render_checklist())
    return


@app.cell(hide_code=True)
def dlt_in_one_picture():
    _wide, _narrow = (mo.mermaid(slides.draw_four_words(direction)).text for direction in ("LR", "TB"))
    mo.Html(slides.render_four_words(_wide, _narrow))
    return


@app.cell(hide_code=True)
def the_hour():
    mo.vstack([mo.Html(slides.render_hour(COURSE)), lesson_links("01_introduction")])
    return


if __name__ == "__main__":
    app.run()
