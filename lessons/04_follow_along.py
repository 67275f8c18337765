import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Follow along · explained")

with app.setup(hide_code=True):
    import os

    import dlt
    import marimo as mo
    import requests
    from dlt.sources.helpers.requests import Client
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
    from dlt.sources.rest_api import rest_api_source

    from classroom.course.registry import find_course
    from classroom.course.workspace import session_workspace
    from classroom.museum.loading import AGENT_HEADER, harmonise_picture, picture_row
    from classroom.pages import follow_along as kit
    from classroom.pages.follow_along_loads import load_all_twice, load_day_by_day, load_in_bad_mood
    from classroom.pages.navigation import lesson_links
    from classroom.pages.widgets import call_or_stop, is_pressed, run_or_stop, show_rows
    from darkroom import make_table


@app.cell(hide_code=True)
def ways_out():
    lesson_links("04_follow_along")
    return


@app.cell(hide_code=True)
def title():
    mo.md("""
    # Follow along: from one page of JSON to pictures in the same table

    In twenty minutes everybody builds a pipeline of their own. This page shows and runs the finished one; the
    exercise **Follow along: a museum's API** on the front page is where you write it. Fallen behind?

    ```
    uv run classroom catch-up :4     # solves steps 1 to 3, keeps what you wrote in a file
    uv run classroom check :4
    ```
    """)
    return


@app.cell(hide_code=True)
def plan():
    _steps = find_course(mo.notebook_dir()).find_exercise("follow_along").steps
    show_rows([{"minute": step.minute, "step": step.number, "what": step.title} for step in _steps])
    return


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
def step_1():
    mo.md("""
    ## 1 · One page, and what is nested in it

    Before any pipeline, look. `requests` is enough; a timeout and `raise_for_status` belong to every call, and a museum
    that gives its data away asks to be told who is calling.
    """)
    return


@app.cell
def exercise_1():
    def read_first_page(base_url: str) -> tuple[list[dict], list[str]] | None:
        """Records of the first page, 100 of them, and the names of their nested fields."""
        response = requests.get(f"{base_url}/artworks", params={"limit": 100}, headers=AGENT_HEADER, timeout=30)
        response.raise_for_status()
        artworks = response.json()["data"]
        nested = {name for artwork in artworks for name, value in artwork.items() if isinstance(value, (dict, list))}
        return artworks, sorted(nested)

    mo.show_code()
    return (read_first_page,)


@app.cell(hide_code=True)
def see_1(chosen, read_first_page):
    _artworks, _nested = call_or_stop(lambda: read_first_page(chosen.url))
    _names = ", ".join(f"`{_name}`" for _name in _nested)
    mo.vstack([mo.md(f"**Nested:** {_names}"), mo.accordion({"The first record": mo.json(_artworks[0])})])
    return


@app.cell(hide_code=True)
def step_2():
    mo.md("""
    ## 2 · All pages, declared

    The loop over pages is the same for most APIs, so dlt wants a description of it. With a key and `merge`, a second
    run leaves as many rows as the first.
    """)
    return


@app.cell
def exercise_2():
    def make_source(base_url: str):
        """A dlt source with the resource `artworks`: every page, merged by its key."""
        client = {
            "base_url": base_url,
            "headers": AGENT_HEADER,
            "paginator": {"type": "json_link", "next_url_path": "pagination.next_url"},
        }
        artworks = {
            "name": "artworks",
            "primary_key": "id",
            "write_disposition": "merge",
            "endpoint": {"path": "artworks", "params": {"limit": 100}, "data_selector": "data"},
        }
        return rest_api_source({"client": client, "resources": [artworks]})

    mo.show_code()
    return (make_source,)


@app.cell(hide_code=True)
def press_2():
    load_2 = mo.ui.run_button(label="Load all pages, twice")
    mo.hstack([load_2], justify="start")
    return (load_2,)


@app.cell(hide_code=True)
def see_2(load_2, make_source, stand_in, workspace):
    _tables, _diagram = run_or_stop(load_2, lambda: load_all_twice(workspace, stand_in.url, make_source))
    _note = mo.md("A dict became columns (`color__h`), a list a child table that points to its artwork:")
    mo.vstack([_note, show_rows(_tables), mo.accordion({"The schema that dlt inferred": mo.mermaid(_diagram)})])
    return


@app.cell(hide_code=True)
def step_3():
    mo.md("""
    ## 3 · Be a good citizen

    The real museum allows 60 requests a minute for each address, and a whole room shares one. `Client` is `requests`
    with patience: on `429` it waits as long as `Retry-After` says, on `5xx` a little longer each time. That a page may
    come twice does no harm: the key sees to it.
    """)
    return


@app.cell
def exercise_3():
    @dlt.resource(name="artworks", primary_key="id", write_disposition="merge")
    def polite_artworks(base_url: str):
        """Every artwork, page by page, asking again where the museum says so."""
        client = RESTClient(
            base_url,
            headers=AGENT_HEADER,
            paginator=JSONLinkPaginator("pagination.next_url"),
            data_selector="data",
            session=Client(raise_for_status=False, request_max_attempts=10).session,
        )
        yield from client.paginate("artworks", params={"limit": 100})

    mo.show_code()
    return (polite_artworks,)


@app.cell(hide_code=True)
def press_3():
    load_3 = mo.ui.run_button(label="Load from a museum in a bad mood")
    mo.hstack([load_3], justify="start")
    return (load_3,)


@app.cell(hide_code=True)
def see_3(load_3, polite_artworks, stand_in, workspace):
    _answers = run_or_stop(load_3, lambda: load_in_bad_mood(workspace, stand_in, polite_artworks))
    mo.vstack([mo.md("The load went through. What the museum answered:"), show_rows(_answers)])
    return


@app.cell(hide_code=True)
def step_4():
    mo.md("""
    ## 4 · Only what changed

    `incremental` keeps the newest `updated_at` in the pipeline's state, which lives in the destination too: a new
    machine goes on where the old one stopped. Told that rows come newest first, it ends the loop at the first old one.
    Beware of a source whose cursor can go *backwards*: it needs a comparison with what is loaded.
    """)
    return


@app.cell
def exercise_4():
    def make_incremental(base_url: str):
        """The resource `artworks`: the first run takes all, later ones only what was updated since."""
        newest_first = dlt.sources.incremental("updated_at", initial_value="1900-01-01", row_order="desc")

        @dlt.resource(name="artworks", primary_key="id", write_disposition="merge")
        def artworks(updated=newest_first):
            client = RESTClient(
                base_url,
                headers=AGENT_HEADER,
                paginator=JSONLinkPaginator("pagination.next_url"),
                data_selector="data",
                session=Client(raise_for_status=False, request_max_attempts=10).session,
            )
            yield from client.paginate("artworks", params={"limit": 100})

        return artworks

    mo.show_code()
    return (make_incremental,)


@app.cell(hide_code=True)
def press_4():
    load_4 = mo.ui.run_button(label="Load on day 1 and on day 2")
    contract_4 = mo.ui.run_button(label="The same with frozen columns")
    mo.hstack([load_4, contract_4], justify="start", wrap=True)
    return contract_4, load_4


@app.cell(hide_code=True)
def see_4(load_4, make_incremental, stand_in, workspace):
    show_rows(run_or_stop(load_4, lambda: load_day_by_day(workspace, stand_in, make_incremental)))
    return


@app.cell(hide_code=True)
def contract(contract_4, make_incremental):
    mo.stop(not is_pressed(contract_4))
    mo.md(kit.run_under_contract(make_incremental))
    return


@app.cell(hide_code=True)
def step_5():
    mo.md("""
    ## 5 · The pictures, in the same table

    A transformer takes what another resource yields. Each picture is fetched by IIIF, made uniform by `darkroom`, and
    put into the types of the data contract, so that it lands in the very table that holds the washers and the weaves.
    """)
    return


@app.cell
def exercise_5():
    @dlt.transformer(name="images", primary_key="sample_id", write_disposition="merge")
    def pictures(artworks: list[dict], iiif_url: str):
        """One Arrow table of `images` rows for a page of artworks."""
        rows = []
        # 404 is an answer here, not a reason to ask again or to give up
        client = Client(raise_for_status=False, request_max_attempts=10)
        for artwork in artworks:
            if artwork["image_id"] is None:
                continue
            response = client.get(f"{iiif_url}/{artwork['image_id']}/full/400,/0/default.jpg", headers=AGENT_HEADER)
            if response.status_code == 404:
                continue
            response.raise_for_status()
            picture, tensor = harmonise_picture(response.content)
            rows.append(picture_row(artwork, iiif_url, response.content, picture, tensor))
        yield make_table("images", rows)

    mo.show_code()
    return (pictures,)


@app.cell(hide_code=True)
def press_5():
    load_5 = mo.ui.run_button(label="Load 24 pictures beside both image datasets")
    mo.hstack([load_5], justify="start")
    return (load_5,)


@app.cell(hide_code=True)
def see_5(chosen, load_5, pictures, workspace):
    _balance, _sheet = run_or_stop(load_5, lambda: kit.load_pictures(workspace, chosen.url, pictures))
    _picture = mo.image(_sheet, alt="Contact sheet of washers, weaves and works of art", rounded=True)
    mo.vstack([mo.md("One query over three sources, and one contact sheet:"), show_rows(_balance), _picture])
    return


@app.cell(hide_code=True)
def after():
    mo.md("""
    ## Finished early?

    - **In parallel.** `@dlt.transformer(parallelized=True)` fetches several pages of pictures at once. How many threads
      until the first `429`?
    - **Ask with ibis.** `pipeline.dataset().artworks.to_ibis()`: which department has the most works in the public
      domain?
    - **Another API.** Take the description of step 2 to a paginated API that you know: base URL, paginator, selector,
      key.
    """)
    return


@app.cell(hide_code=True)
def ways_on():
    lesson_links("04_follow_along")
    return


if __name__ == "__main__":
    app.run()
