import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Follow along · explained")

with app.setup(hide_code=True):
    import os

    import marimo as mo

    from classroom.course.workspace import session_workspace
    from classroom.museum.loading import attempt
    from classroom.pages import follow_along as kit
    from classroom.pages.walk_through import load_all, load_in_bad_mood, load_two_days, read_walks


@app.cell(hide_code=True)
def title():
    mo.md("""
    # Follow along: from one page of JSON to pictures in the same table

    Twenty minutes, and everybody builds a pipeline of their own. This page explains and runs the finished one; the
    exercise **Follow along: a museum's API** on the front page is where you write it. Fallen behind?

    ```
    uv run classroom catch-up 4      # solves steps 1 to 3, keeps what you wrote
    uv run classroom check follow_along:4
    ```
    """)
    return


@app.cell(hide_code=True)
def plan():
    walks = read_walks()
    mo.ui.table(
        [{"minute": walk.step.minute, "step": walk.step.number, "what": walk.step.title} for walk in walks],
        selection=None,
        show_search=False,
        show_download=False,
    )
    return (walks,)


@app.cell(hide_code=True)
def museums():
    stand_in = kit.open_museum()
    workspace = session_workspace()
    museum_choice = mo.ui.dropdown(
        [kit.STAND_IN, kit.ROOM, kit.LIVE], value=kit.default_choice(), label="Museum", allow_select_none=False
    )
    room_address = mo.ui.text(
        value=os.environ.get(kit.ROOM_VARIABLE, ""), placeholder="http://…/api/v1", label="Address of the room's museum"
    )
    return museum_choice, room_address, stand_in, workspace


@app.cell(hide_code=True)
def museum(museum_choice, room_address, stand_in):
    chosen = kit.choose_museum(museum_choice.value, stand_in, room_address.value)
    _widgets = [museum_choice, room_address] if museum_choice.value == kit.ROOM else [museum_choice]
    mo.vstack([mo.hstack(_widgets, justify="start", wrap=True), mo.md(chosen.note)])
    return (chosen,)


@app.cell(hide_code=True)
def is_script():
    # nobody presses a button in a script: there, all of it runs
    runs_by_itself = mo.app_meta().mode not in ("edit", "run")
    return (runs_by_itself,)


@app.cell(hide_code=True)
def step_1(walks):
    mo.md(f"""
    ## 1 · One page, and what is nested in it

    Before any pipeline, look. `requests` is enough; a timeout and `raise_for_status` belong to every call, and a museum
    that gives its data away asks to be told who is calling.

    ```python
    {walks[0].code}
    ```
    """)
    return


@app.cell(hide_code=True)
def see_1(chosen, walks):
    _page, _problem = attempt(lambda: walks[0].names["read_first_page"](chosen.url))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    _artworks, _nested = _page
    _names = ", ".join(f"`{_name}`" for _name in _nested)
    mo.vstack([mo.md(f"**Nested:** {_names}"), mo.accordion({"The first record": mo.json(_artworks[0])})])
    return


@app.cell(hide_code=True)
def step_2(walks):
    mo.md(f"""
    ## 2 · All pages, declared

    The loop over pages is the same for most APIs, so dlt wants a description of it. With a key and `merge`, a second
    run leaves as many rows as the first.

    ```python
    {walks[1].code}
    ```
    """)
    return


@app.cell(hide_code=True)
def press_2():
    load_2 = mo.ui.run_button(label="Load all pages, twice")
    mo.hstack([load_2], justify="start")
    return (load_2,)


@app.cell(hide_code=True)
def see_2(load_2, runs_by_itself, stand_in, walks, workspace):
    mo.stop(not (load_2.value or runs_by_itself))
    _loaded, _problem = attempt(lambda: load_all(workspace, stand_in.url, walks[1].names["make_source"]))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    _tables, _diagram = _loaded
    mo.vstack(
        [
            mo.md("A dict became columns (`color__h`), a list a child table that points to its artwork:"),
            mo.ui.table(_tables, selection=None, show_search=False, show_download=False),
            mo.accordion({"The schema that dlt inferred": mo.mermaid(_diagram)}),
        ]
    )
    return


@app.cell(hide_code=True)
def step_3(walks):
    mo.md(f"""
    ## 3 · Be a good citizen

    The real museum allows 60 requests a minute for each address, and a whole room shares one. `Client` is `requests`
    with patience: on `429` it waits as long as `Retry-After` says, on `5xx` a little longer each time. That a page may
    come twice does no harm: the key sees to it.

    ```python
    {walks[2].code}
    ```
    """)
    return


@app.cell(hide_code=True)
def press_3():
    load_3 = mo.ui.run_button(label="Load from a museum in a bad mood")
    mo.hstack([load_3], justify="start")
    return (load_3,)


@app.cell(hide_code=True)
def see_3(load_3, runs_by_itself, stand_in, walks, workspace):
    mo.stop(not (load_3.value or runs_by_itself))
    _artworks = walks[2].names["polite_artworks"]
    _answers, _problem = attempt(lambda: load_in_bad_mood(workspace, stand_in, _artworks))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    _title = mo.md("The load went through. What the museum answered:")
    mo.vstack([_title, mo.ui.table(_answers, selection=None, show_search=False, show_download=False)])
    return


@app.cell(hide_code=True)
def step_4(walks):
    mo.md(f"""
    ## 4 · Only what changed

    `incremental` keeps the newest `updated_at` in the pipeline's state, which lives in the destination too: a new
    machine goes on where the old one stopped. Told that rows come newest first, it ends the loop at the first old one.
    The lag to fear is another one: a source whose cursor can go *backwards* needs a comparison with what is loaded.

    ```python
    {walks[3].code}
    ```
    """)
    return


@app.cell(hide_code=True)
def press_4():
    load_4 = mo.ui.run_button(label="Load on day 1 and on day 2")
    contract_4 = mo.ui.run_button(label="The same with frozen columns")
    mo.hstack([load_4, contract_4], justify="start", wrap=True)
    return contract_4, load_4


@app.cell(hide_code=True)
def see_4(load_4, runs_by_itself, stand_in, walks, workspace):
    mo.stop(not (load_4.value or runs_by_itself))
    _make = walks[3].names["make_incremental"]
    _story, _problem = attempt(lambda: load_two_days(workspace, stand_in, _make))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    mo.ui.table(_story, selection=None, show_search=False, show_download=False)
    return


@app.cell(hide_code=True)
def contract(contract_4, runs_by_itself, walks):
    mo.stop(not (contract_4.value or runs_by_itself))
    mo.md(kit.run_under_contract(walks[3].names["make_incremental"]))
    return


@app.cell(hide_code=True)
def step_5(walks):
    mo.md(f"""
    ## 5 · The pictures, in the same table

    A transformer takes what another resource yields. Each picture is fetched by IIIF, made uniform by `darkroom`, and
    put into the types of the data contract, so that it lands in the very table that holds the washers and the weaves.

    ```python
    {walks[4].code}
    ```
    """)
    return


@app.cell(hide_code=True)
def press_5():
    load_5 = mo.ui.run_button(label="Load 24 pictures beside both image datasets")
    mo.hstack([load_5], justify="start")
    return (load_5,)


@app.cell(hide_code=True)
def see_5(chosen, load_5, runs_by_itself, walks, workspace):
    mo.stop(not (load_5.value or runs_by_itself))
    _loaded, _problem = attempt(lambda: kit.load_pictures(workspace, chosen.url, walks[4].names["pictures"]))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    _balance, _sheet = _loaded
    mo.vstack(
        [
            mo.md("One query over three sources, and one contact sheet:"),
            mo.ui.table(_balance, selection=None, show_search=False, show_download=False),
            mo.image(_sheet, alt="Contact sheet of washers, weaves and works of art", rounded=True),
        ]
    )
    return


@app.cell(hide_code=True)
def after():
    mo.md("""
    ## For the fast

    - **In parallel.** `@dlt.transformer(parallelized=True)` fetches several pages of pictures at once. How many threads
      until the first `429`?
    - **Ask with ibis.** `pipeline.dataset().artworks.to_ibis()`: which department has the most works in the public
      domain?
    - **Another API.** Take the description of step 2 to a paginated API that you know: base URL, paginator, selector,
      key.
    """)
    return


if __name__ == "__main__":
    app.run()
