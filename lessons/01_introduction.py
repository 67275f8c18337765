import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="full",
    app_title="1 · Introduction",
    layout_file="layouts/01_introduction.slides.json",
    css_file="layouts/slides.css",
)

with app.setup(hide_code=True):
    import inspect
    from pathlib import Path

    import marimo as mo
    import pandas as pd
    from PIL import Image

    from classroom.course.contents import Kind
    from classroom.course.registry import find_course
    from classroom.pages.pictures import MERMAID_LOOK, Specimen, folder_tree, render_photographs, render_specimens
    from classroom.pages.quiz import Question, answer, ask

    COURSE = find_course(Path(__file__).parent)
    SAMPLES = COURSE.root / "sample_data"
    WASHER, WEAVE = SAMPLES / "mvtec_ad" / "washer", SAMPLES / "mvtec_ad" / "weave"
    RIPPLE, CAST = SAMPLES / "dagm_2007" / "Class1", SAMPLES / "dagm_2007" / "Class2"


@app.cell(hide_code=True)
def welcome():
    _photographs = [
        Specimen(WASHER / "test" / "corrosion" / "004.png", "A brass washer with corrosion"),
        Specimen(CAST / "Test" / "0002.PNG", "A grainy cast with a crack"),
        Specimen(WEAVE / "test" / "hole" / "003.png", "A cloth with a hole"),
        Specimen(RIPPLE / "Test" / "0010.PNG", "A rippled surface, rubbed smooth"),
    ]
    _title, _, _subtitle = COURSE.title.partition(": ")
    mo.Html(f"""
    <div class="slide split">
      <div><h1>{_title}</h1><p class="lead">{_subtitle}</p>
      <p class="quiet">Move with the arrow keys. Everything in this hour runs on your own computer.</p></div>
      {render_photographs(_photographs)}
    </div>
    """)
    return


@app.cell(hide_code=True)
def two_layouts():
    _labels = (RIPPLE / "Test" / "Label" / "Labels.txt").read_text(encoding="ascii").splitlines()[1:3]
    _mvtec = ("train/good/000", "test/good/003", "test/scratch/003", "test/corrosion/003")
    _dagm = ("Train/0020", "Test/0001", "Test/0003", "Test/0010")
    mo.Html(f"""
    <div class="slide"><h2>Two folders, one question: which images are defective?</h2><div class="halves">
      <div><h3>MVTec AD: the name of a folder tells</h3>
      {render_photographs([Specimen(WASHER / f"{name}.png", name) for name in _mvtec], "row")}
      <pre>{folder_tree(WASHER)}</pre></div>
      <div><h3>DAGM 2007: a line in a text file tells</h3>
      {render_photographs([Specimen(RIPPLE / f"{name}.PNG", name) for name in _dagm], "row")}
      <pre>{folder_tree(RIPPLE)}</pre><p>In <code>Labels.txt</code>, 1 is defective:</p>
      <pre>{"<br>".join(_labels).replace(chr(9), "  ")}</pre></div>
    </div></div>
    """)
    return


@app.cell(hide_code=True)
def nothing_alike():
    _specimens = [
        Specimen(
            WASHER / "test" / "corrosion" / "004.png",
            "MVTec AD washer",
            WASHER / "ground_truth" / "corrosion" / "004_mask.png",
        ),
        Specimen(
            WEAVE / "test" / "hole" / "003.png", "MVTec AD weave", WEAVE / "ground_truth" / "hole" / "003_mask.png"
        ),
        Specimen(RIPPLE / "Test" / "0010.PNG", "DAGM Class1", RIPPLE / "Test" / "Label" / "0010_label.PNG"),
        Specimen(CAST / "Test" / "0002.PNG", "DAGM Class2", CAST / "Test" / "Label" / "0002_label.PNG"),
    ]
    mo.Html(f"""
    <div class="slide">
      <h2>Nothing fits: sizes, channels, and what a mask means</h2>
      {render_specimens(_specimens)}
      <p>Left, masks are exact. Right, they are rough ellipses: more than the defect.</p>
    </div>
    """)
    return


@app.function
def load_folder(folder):
    rows = []
    for path in folder.rglob("*.png"):
        image = Image.open(path).convert("RGB").resize((256, 256))
        rows.append((path.name, path.parent.name, image.tobytes()))
    return pd.DataFrame(rows, columns=["file", "label", "pixels"])


@app.cell(hide_code=True)
def friday_script():
    friday_table = load_folder(SAMPLES / "mvtec_ad")
    _code = mo.md(f"```python\n{inspect.getsource(load_folder)}```")
    mo.Html(f"""
    <div class="slide"><h2>Friday: a script, and it works</h2>
    {_code.text}
    <p class="lead">It ran when this page opened: <b>{len(friday_table)} rows</b>, no error.</p></div>
    """)
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
        poll="Poll 1",
    )
    script_guess = ask(script_question)
    mo.vstack([mo.Html('<div class="slide"><h2>Your guess, before we go on</h2></div>'), script_guess])
    return script_guess, script_question


@app.cell(hide_code=True)
def poll_answer(script_guess, script_question):
    answer(script_question, script_guess.value)
    return


@app.cell(hide_code=True)
def production_checklist():
    _questions = (
        ("It runs a second time", "every row twice, or all from zero", "merge on a key", "dlt"),
        ("It stops half-way", "half a table", "load packages, finished by the next run", "dlt"),
        ("A new field appears", "error, or lost", "schema evolves, or a contract refuses", "dlt"),
        ("Which run wrote this row?", "nobody knows", "<code>_dlt_load_id</code>", "dlt"),
        ("Where does the password go?", "into the code", "config and secrets", "dlt"),
        ("DuckDB today, Postgres later", "write it again", "another <code>destination=</code>", "dlt"),
        ("A file is broken", "it stops, or nobody hears", "a table of rejects", "our code"),
        ("Is a mask an image?", "yes, by accident", "a reader per layout", "our code"),
    )
    _rows = "".join(
        f"<tr><td>{what}</td><td>{script}</td><td>{pipeline}</td><td class='who'>{who}</td></tr>"
        for what, script, pipeline, who in _questions
    )
    mo.Html(f"""
    <div class="slide"><h2>Monday: what pandas and a script leave out</h2>
    <table class="checklist"><tr><th></th><th>the script</th><th>the pipeline</th><th>done by</th></tr>{_rows}</table>
    </div>
    """)
    return


@app.cell(hide_code=True)
def dlt_in_one_picture():
    _picture = """
      folder1[/"folder<br>MVTec AD"/] --> images & masks
      folder2[/"folder<br>DAGM 2007"/] --> images & masks
      subgraph source["<b>SOURCE</b>: what belongs together"]
        images("<b>RESOURCE</b> images<br>yields rows")
        masks("<b>RESOURCE</b> masks<br>yields rows")
      end
      subgraph pipeline["<b>PIPELINE</b>: extract, normalize, load"]
        memory["infers the schema,<br>remembers state"]
      end
      subgraph destination["<b>DESTINATION</b>: DuckDB"]
        tables[("tables<br>images, masks")]
      end
      images & masks --> memory --> tables
    """
    mo.Html(f"""
    <div class="slide"><h2>dlt in one picture: four words</h2>
    <div class="wide">{mo.mermaid(MERMAID_LOOK + "flowchart LR" + _picture)}</div>
    <div class="narrow">{mo.mermaid(MERMAID_LOOK + "flowchart TB" + _picture)}</div>
    <p>You write the resources: Python functions that <code>yield</code>.
    dlt does what is between them and the tables.</p>
    </div>
    """)
    return


@app.cell(hide_code=True)
def the_hour():
    _rows = "".join(
        f"<tr><td class='minutes'>{lesson.minutes} min</td><td><b>{lesson.title}</b></td>"
        f"<td>{lesson.objectives[0]}</td></tr>"
        for lesson in COURSE.lessons
        if lesson.kind is not Kind.DEEP_DIVE
    )
    mo.Html(f"""
    <div class="slide"><h2>The hour</h2><table class="checklist">{_rows}</table>
    <p>Late, or stuck? <code>uv run classroom catch-up N</code> does the steps before step N for you.
    Exercises are yours to keep; each has three hints.</p></div>
    """)
    return


if __name__ == "__main__":
    app.run()
