import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="2 · Live demo: two folders, one table")

with app.setup(hide_code=True):
    import dlt
    import marimo as mo

    import darkroom
    from classroom.course.registry import find_course
    from classroom.course.workspace import session_workspace
    from classroom.pages import demo
    from classroom.pages import demo_pictures as pictures
    from classroom.pages.navigation import lesson_links
    from classroom.pages.quiz import Question, answer, ask
    from classroom.pages.widgets import make_button, run_if_pressed, show_or_wait, show_rows
    from darkroom import NORMAL, harmonise_image, open_storage, read_image, read_layout

    STEPS = ("Look", "Extract", "Harmonise", "Make rows", "Load", "Ask", "Run again", "Add a file", "Impact")
    SIZE_PX = 64


@app.cell(hide_code=True)
def ways_out():
    lesson_links("02_live_demo")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # Two folders, one table

    Two image datasets lie on this disk. They differ in folders, sizes, colours and in how they mark a defect.
    In 18 minutes they become one table that can be queried, updated and trained on.
    """)
    return


@app.cell(hide_code=True)
def steps():
    mo.Html(pictures.render_steps(STEPS))
    return


@app.cell(hide_code=True)
def own_copy():
    workspace = session_workspace()
    photos = demo.copy_photos(find_course(mo.notebook_dir()).root / "sample_data", workspace.folder)
    return photos, workspace


@app.cell(hide_code=True)
def step_1():
    mo.md("""
    ## 1 · Look at the mess

    The same facts, in two dialects. **MVTec AD** writes the label as a folder and keeps masks in `ground_truth/`.
    **DAGM 2007** writes it into `Labels.txt`, has defective images in `Train/` too, and keeps masks in `Label/`.
    """)
    return


@app.cell(hide_code=True)
def look_at_folders(photos):
    _folders = {_name: demo.list_folders(photos / _name) for _name in demo.SAMPLE_FOLDERS}
    mo.Html(pictures.render_grid((pictures.render_folders(*_item) for _item in _folders.items()), column_px=340))
    return


@app.cell(hide_code=True)
def look_at_pictures(originals, photos):
    _shown = mo.Html(pictures.render_originals(photos, originals.values()))
    mo.vstack([mo.md("One defective picture of each category, in proportion:"), _shown])
    return


@app.cell(hide_code=True)
def choose_originals(photos):
    originals = demo.pick_defects(photos)
    return (originals,)


@app.cell(hide_code=True)
def step_2():
    mo.md("""
    ## 2 · Extract: what is each file?

    A *reader* looks at paths and never into a picture. What comes out is a *sample*: one image, its facts, and its
    mask, paired by key. Its `sample_id` is the same on every machine.
    """)
    return


@app.cell
def demo_extract(photos):
    # cue: open the folder; a reader says what each file is
    def find_samples(folder):
        with open_storage(folder) as storage:
            return read_layout(storage, storage.files()).samples

    samples = find_samples(photos)
    mo.show_code()
    return find_samples, samples


@app.cell(hide_code=True)
def look_at_samples(samples):
    _note = mo.md(f"**{len(samples)} samples** from two layouts. Those of two categories, one of each kind:")
    mo.vstack([_note, show_rows(demo.describe_samples(samples, ("Class11", "washer")))])
    return


@app.cell(hide_code=True)
def step_3():
    mo.md("""
    ## 3 · Harmonise: one shape for all

    A model wants arrays of one shape. Move the size and look at the defect: how small may the picture become?
    """)
    return


@app.cell
def demo_harmonise(photos):
    # cue: bytes of any format become RGB, uint8, size by size
    def read_pixels(sample, size_px):
        content = (photos / sample.image.path).read_bytes()
        return harmonise_image(read_image(content).pixels, size_px)

    mo.show_code()
    return (read_pixels,)


@app.cell(hide_code=True)
def choose_size(originals):
    size = mo.ui.slider(steps=[8, 16, 32, 64, 128, 256], value=32, label="size, px", show_value=True)
    category = mo.ui.dropdown(list(originals), value="washer", label="picture")
    mo.hstack([category, size], justify="start", gap=2, wrap=True)
    return category, size


@app.cell(hide_code=True)
def compare(category, originals, photos, read_pixels, size):
    _sample = originals[category.value]
    _pixels = read_pixels(_sample, size.value)
    _shown = mo.image_compare(**pictures.compare_pictures(photos / _sample.image.path, _pixels))
    _weight = mo.md(f"""
    Left: the file, {_sample.image.size_bytes:,} bytes. Right: {" × ".join(map(str, _pixels.shape))} =
    **{_pixels.nbytes:,} bytes** of `uint8`. Drag the line.
    """)
    mo.vstack([_shown, _weight])
    return


@app.cell(hide_code=True)
def the_trap():
    mo.md("""
    ### The trap: pixels as lists

    dlt makes a table of every list that it finds inside a row. A picture is a list of lists of lists.
    """)
    return


@app.cell
def pixels_as_lists(read_pixels, samples, workspace):
    def load_picture(name, pixels):
        pipeline = workspace.pipeline(name, dataset=name)
        return pipeline, pipeline.run([{"sample_id": "one", "pixels": pixels}], table_name="picture")

    tiny = read_pixels(samples[0], 12)
    ways = {"as_lists": tiny.tolist(), "as_bytes": tiny.tobytes()}
    mo.show_code()
    return load_picture, tiny, ways


@app.cell(hide_code=True)
def press_trap():
    trap_button = make_button("Load one picture of 12 × 12, twice")
    trap_button
    return (trap_button,)


@app.cell(hide_code=True)
def run_trap(load_picture, trap_button, ways):
    def _load_both():
        return {name: demo.measure_run(*load_picture(name, pixels)) for name, pixels in ways.items()}

    trap = run_if_pressed(trap_button, _load_both, "Two small loads …")
    show_or_wait(trap, lambda runs: pictures.render_trap(**runs), "Load one picture of 12 × 12, twice")
    return (trap,)


@app.cell(hide_code=True)
def look_at_trap(tiny, trap):
    mo.stop(trap is None)
    _lists, _bytes = trap["as_lists"], trap["as_bytes"]
    mo.md(f"""
    {tiny.nbytes} bytes of pixels became **{_lists.row_count:,} rows** and
    **{_lists.written_bytes / _bytes.written_bytes:.0f} times** the bytes. By the same rule one picture of
    256 × 256 becomes {demo.count_list_rows(256, 256):,} rows. Measured once, while this course was written (dlt 1.31):
    *two images of 256 × 256 × 3 as lists took 88 s and 6 GB of memory.*
    """)
    return


@app.cell(hide_code=True)
def step_4():
    mo.md(f"""
    ## 4 · Make rows

    One dict per image: the key, the facts, and the pixels as **bytes**. Here {SIZE_PX} × {SIZE_PX}, to be quick.
    """)
    return


@app.cell
def rows(read_pixels):
    def make_row(sample):
        return {
            "sample_id": sample.sample_id,
            "source_dataset": sample.source_dataset,
            "category": sample.category,
            "split": str(sample.split),
            "label": sample.label,
            "is_defect": sample.label != NORMAL,
            "image_tensor": read_pixels(sample, SIZE_PX).tobytes(),
        }

    mo.show_code()
    return (make_row,)


@app.cell
def demo_resource(find_samples, make_row):
    # cue: a resource is a generator with a name and a key; merge keeps one row per key
    @dlt.resource(name="images", primary_key="sample_id", write_disposition="merge")
    def images(folder, known=()):
        for sample in find_samples(folder):
            if sample.sample_id not in known:
                yield make_row(sample)

    mo.show_code()
    return (images,)


@app.cell(hide_code=True)
def step_5():
    mo.md("""
    ## 5 · Load

    A *pipeline* is a name, a destination and a dataset. `run` does three steps: **extract** asks the generator for
    rows, **normalize** works out tables and types, **load** writes them to the database.
    """)
    return


@app.cell
def demo_load(images, photos, workspace):
    # cue: a pipeline is a name, a destination and a dataset; run it
    pipeline = dlt.pipeline(
        "demo",
        destination=dlt.destinations.duckdb(str(workspace.database)),
        dataset_name="inspection",
        pipelines_dir=str(workspace.folder / "pipelines"),
    )

    def load(known=()):
        return pipeline.run(images(photos, known))

    mo.show_code()
    return load, pipeline


@app.cell(hide_code=True)
def press_load():
    load_button = make_button("Load all images")
    load_button
    return (load_button,)


@app.cell(hide_code=True)
def run_load(load, load_button, pipeline):
    first = run_if_pressed(load_button, lambda: demo.measure_run(pipeline, load()), "Extract, normalize, load …")
    show_or_wait(first, lambda run: pictures.render_run("First run", run), "Load all images")
    return (first,)


@app.cell(hide_code=True)
def the_schema():
    mo.md("""
    ### The schema that dlt inferred

    Nobody wrote a `CREATE TABLE`. Types come from the values, the key from the resource, and two columns from dlt:
    which load brought a row, and the row's own id. The tables whose names begin with `_dlt` are dlt's own:
    `_dlt_loads` has a row for each load, and says when it was.
    """)
    return


@app.cell
def look_at_schema(first, pipeline):
    mo.stop(first is None, mo.Html(pictures.render_waiting("Load all images")))
    diagram = pipeline.default_schema.to_mermaid(include_dlt_tables=True, hide_descriptions=True)
    mo.show_code(mo.mermaid(diagram), position="above")
    return


@app.cell(hide_code=True)
def step_6():
    mo.md("""
    ## 6 · Ask

    How many defective images has each part, and is there one to learn from? First in SQL, then as an expression in
    ibis that DuckDB runs.
    """)
    return


@app.cell
def demo_sql():
    # cue: SQL on the dataset: images and defects by category and split
    def count_in_sql(dataset):
        return dataset("""
            SELECT category, split, count(*) AS images, count(*) FILTER (is_defect) AS defects
            FROM images GROUP BY ALL ORDER BY ALL
        """)

    mo.show_code()
    return (count_in_sql,)


@app.cell
def the_same_in_ibis():
    def count_in_ibis(dataset):
        images = dataset.images.to_ibis()
        groups = images.group_by("category", "split")
        counts = groups.agg(images=images.count(), defects=images.count(where=images.is_defect))
        return dataset(counts.order_by("category", "split"))

    mo.show_code()
    return (count_in_ibis,)


@app.cell
def look_at_counts(count_in_ibis, count_in_sql, first, pipeline):
    mo.stop(first is None, mo.Html(pictures.render_waiting("Load all images")))
    by_sql = count_in_sql(pipeline.dataset()).df()
    by_ibis = count_in_ibis(pipeline.dataset()).df()
    mo.show_code(mo.vstack([show_rows(by_sql), mo.md(f"SQL and ibis agree: **{by_sql.equals(by_ibis)}**")]))
    return


@app.cell(hide_code=True)
def what_counts_tell(first):
    mo.stop(first is None)
    mo.md("""
    **DAGM has defective images in `train`**: a model that learns from all of it learns that defects are normal.
    """)
    return


@app.cell(hide_code=True)
def step_7():
    mo.md("""
    ## 7 · Run again

    The same pipeline, the same folders. Ask the table what it has, and hand the resource those keys.
    """)
    return


@app.cell
def demo_known(load, pipeline):
    # cue: the keys that are in the table already; load what is not among them
    def known_ids():
        return {key for (key,) in pipeline.dataset().images.select("sample_id").fetchall()}

    def load_new():
        return load(known_ids())

    mo.show_code()
    return (load_new,)


@app.cell(hide_code=True)
def predict_again():
    again_question = Question(
        text="Nothing changed on disk. What does `load_new()` do?",
        options=(
            "It loads all rows once more, so every image is there twice.",
            "It loads all rows once more, and merge replaces each by itself.",
            "It reads the folders, opens no picture, and loads nothing.",
        ),
        answer=2,
        why="Every key is known, so the generator yields nothing, and dlt makes no load package. The second answer "
        "is what `load()` without the keys would do: also correct, but every picture is read and sent again.",
        poll="Second run",
    )
    again_guess = ask(again_question)
    again_guess
    return again_guess, again_question


@app.cell(hide_code=True)
def check_again(again_guess, again_question):
    answer(again_question, again_guess.value)
    return


@app.cell(hide_code=True)
def press_again(first):
    again_button = make_button("Run again", "" if first else "Load all images first")
    again_button
    return (again_button,)


@app.cell(hide_code=True)
def run_again(again_button, load_new, pipeline):
    second = run_if_pressed(again_button, lambda: demo.measure_run(pipeline, load_new()), "The same again …")
    show_or_wait(second, lambda run: pictures.render_run("Second run", run), "Run again")
    return (second,)


@app.cell(hide_code=True)
def step_8():
    mo.md("""
    ## 8 · Add a file

    Somebody copies an old photograph into `washer/test/scratch/`. Its clock says **2015**, long before the first load.
    """)
    return


@app.cell(hide_code=True)
def predict_add():
    add_question = Question(
        text="The last load was today, the file is from 2015. Is it loaded?",
        options=(
            "No: it is older than the last load.",
            "Yes, that one row.",
            "Yes, and all others again, as the folder has changed.",
        ),
        answer=1,
        why="Its key is not in the table, and nothing else counts here. A pipeline that asks for *files modified since "
        "the last run* passes it over without a word, and for ever: one of the bugs that you will hunt later.",
        poll="Old file",
    )
    add_guess = ask(add_question)
    add_guess
    return add_guess, add_question


@app.cell(hide_code=True)
def check_add(add_guess, add_question):
    answer(add_question, add_guess.value)
    return


@app.cell(hide_code=True)
def press_add(first):
    add_button = make_button("Add the old file, and run", "" if first else "Load all images first")
    add_button
    return (add_button,)


@app.cell(hide_code=True)
def run_add(add_button, load_new, photos, pipeline):
    def _add_and_load():
        return demo.add_photo(photos), demo.measure_run(pipeline, load_new())

    added, third = run_if_pressed(add_button, _add_and_load, "Looking for what is new …") or (None, None)

    def _render(run):
        picture = pictures.render_picture(added, f"{added.name}, modified in {demo.OLD_CLOCK:%B %Y}")
        return pictures.render_row((pictures.render_run("Third run", run), picture))

    show_or_wait(third, _render, "Add the old file, and run")
    return (third,)


@app.cell(hide_code=True)
def step_9():
    mo.md("""
    ## 9 · Impact

    `darkroom ingest` is this pipeline, made **fast** (Arrow tables instead of dicts, pictures decoded ahead in
    threads) and **safe** (masks, rejects with a reason, every file counted). `docs/performance.md` measured
    more than four times the files per second of the row-by-row way. With the table, learning from both image
    datasets is one call. The model sees good training images only.
    """)
    return


@app.cell
def ingest_and_train(photos, workspace):
    def learn():
        database = workspace.folder / "darkroom.duckdb"
        ingested = darkroom.ingest([photos], database=database)
        trained = darkroom.train(database, weights=workspace.folder / "weights", save=False)
        return ingested, trained

    mo.show_code()
    return (learn,)


@app.cell(hide_code=True)
def press_impact():
    impact_button = make_button("Ingest and train")
    impact_button
    return (impact_button,)


@app.cell(hide_code=True)
def run_impact(impact_button, learn):
    impact = run_if_pressed(impact_button, learn, "Ingesting, then training four models …")
    mo.stop(impact is None, mo.Html(pictures.render_waiting("Ingest and train")))
    _ingested, _trained = impact
    _note = mo.md(f"""
    {_ingested.files_seen} files, {len(_trained.trainings)} models, **{_trained.duration_s:.1f} s** of training.
    Each row: image, mask from disk, heat map of the model. Mistakes come first.
    """)
    mo.vstack([_note, mo.Html(pictures.render_defects(demo.find_defects(_trained)))])
    return (impact,)


@app.cell(hide_code=True)
def closing():
    mo.md("""
    ## What to take home

    - A **resource** is a generator with a name and a key. A **pipeline** is a place to put it. The schema
      comes by itself.
    - Pixels are **bytes**, never lists.
    - **Key and merge** make a second run correct; **asking the table** makes it free.

    Try it on your own folder: `uv run darkroom ingest FOLDER`, then `uv run darkroom summary`.
    """)
    return


@app.cell(hide_code=True)
def ways_on():
    lesson_links("02_live_demo")
    return


if __name__ == "__main__":
    app.run()
