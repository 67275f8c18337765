import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Follow along · a museum's API")

with app.setup(hide_code=True):
    import os

    import dlt
    import marimo as mo
    import requests
    from dlt.sources.helpers.requests import Client
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator
    from dlt.sources.rest_api import rest_api_source

    from classroom.course.workspace import session_workspace
    from classroom.museum.loading import AGENT_HEADER, attempt, harmonise_picture, picture_row, run
    from classroom.pages import follow_along as kit
    from classroom.pages.checkpoint import checkpoint, hints, try_out
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.widgets import show_rows
    from darkroom import make_table


@app.cell(hide_code=True)
def banner():
    exercise_banner("follow_along")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # Follow along: from a museum's API to the table of images

    Twenty minutes, five steps. The API is that of the Art Institute of Chicago: public, paginated, rate-limited,
    newest first. A stand-in with the same contract runs on your machine; your code does not notice the difference.

    Each step is a function with a gap. Write in it, run the cell (Ctrl+Enter), and read what the checkpoint below
    says. **Fallen behind?** `uv run classroom catch-up :4` solves steps 1 to 3, and keeps what you wrote in a file
    that it names. Then reload this page.
    """)
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
    base_url = chosen.url
    _widgets = [museum_choice, room_address] if museum_choice.value == kit.ROOM else [museum_choice]
    mo.vstack([mo.hstack(_widgets, justify="start", wrap=True), mo.md(chosen.note)])
    return base_url, chosen


@app.cell(hide_code=True)
def story_1():
    mo.md("""
    ## 1 · One page, and what is nested in it

    `GET {base_url}/artworks` answers with `pagination`, `data`, `info` and `config`; `data` is a list of records. A
    page has 12 unless you ask for more; 100 is the most. `AGENT_HEADER` is a header that says who is calling.

    Return the records of one full page, and the sorted names of those fields that hold a dict or a list in any of
    them. For example, of `{"id": 1, "color": None, "tags": []}` and `{"id": 2, "color": {"h": 9}, "tags": []}` these
    are `["color", "tags"]`.
    """)
    return


@app.cell
def exercise_1():
    def read_first_page(base_url: str) -> tuple[list[dict], list[str]] | None:
        """Records of the first page, 100 of them, and the names of their nested fields."""
        # BEGIN SOLUTION
        response = requests.get(f"{base_url}/artworks", params={"limit": 100}, headers=AGENT_HEADER, timeout=30)
        response.raise_for_status()
        artworks = response.json()["data"]
        nested = {name for artwork in artworks for name, value in artwork.items() if isinstance(value, (dict, list))}
        return artworks, sorted(nested)
        # END SOLUTION

    return (read_first_page,)


@app.cell(hide_code=True)
def checkpoint_1(read_first_page):
    checkpoint("follow_along", 1, read_first_page=lambda: read_first_page)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("follow_along", 1)
    return


@app.cell(hide_code=True)
def look_1(base_url, read_first_page):
    _page, _problem = try_out(lambda: attempt(lambda: read_first_page(base_url)))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    mo.stop(not _page, mo.md("*The first record appears here once step 1 returns something.*"))
    mo.accordion({"The first record, as it came": mo.json(_page[0][0])})
    return


@app.cell(hide_code=True)
def story_2():
    mo.md("""
    ## 2 · All pages, declared

    dlt's `rest_api_source` takes a description in place of a loop: where the API is, where the next page is (its
    link is in `pagination.next_url`), where the records are (`data`), what identifies one (`id`),
    and what to do with one that is there already.

    Name the resource `artworks`. A run on another day adds what is new and replaces what has changed; nothing is there
    twice, and what the museum withdraws stays in your table. For example, on day 1 the museum has 528 artworks: as many
    rows in `artworks`, after one run and after two.
    """)
    return


@app.cell
def exercise_2():
    def make_source(base_url: str):
        """A dlt source with the resource `artworks`: every page, merged by its key."""
        # BEGIN SOLUTION
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
        # END SOLUTION

    return (make_source,)


@app.cell(hide_code=True)
def checkpoint_2(make_source):
    checkpoint("follow_along", 2, make_source=lambda: make_source)
    return


@app.cell(hide_code=True)
def hints_2():
    hints("follow_along", 2)
    return


@app.cell(hide_code=True)
def button_2():
    load_2 = mo.ui.run_button(label="Load it into my own database")
    load_2
    return (load_2,)


@app.cell(hide_code=True)
def look_2(base_url, chosen, load_2, make_source, workspace):
    mo.stop(not load_2.value)
    mo.stop(chosen.is_live, mo.md("All pages of a real museum are a thousand requests: stay on the stand-in here."))
    _source = try_out(lambda: make_source(base_url))
    mo.stop(_source is None, mo.md("*Step 2 returns nothing yet.*"))
    _pipeline, _problem = try_out(lambda: attempt(lambda: run(workspace.pipeline("museum", "museum"), _source)))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    mo.vstack(
        [
            mo.md("One record became several rows: each list is a child table, each dict became columns of its own."),
            mo.mermaid(_pipeline.default_schema.to_mermaid()),
        ]
    )
    return


@app.cell(hide_code=True)
def story_3():
    mo.md("""
    ## 3 · Be a good citizen

    60 requests a minute, then `429` and a `Retry-After`; now and then a `503`. Sixty people behind one address meet
    both. dlt's `Client` is `requests` with patience: it waits as long as it is told to and asks again.

    Write the same resource by hand, as a generator: `RESTClient(...)` with a session of `Client`, and `paginate`.
    All rows arrive, none twice, however often the museum refuses. For example, where it answers `503` to a quarter of
    all requests: 528 rows, as in step 2.
    """)
    return


@app.cell
def exercise_3():
    @dlt.resource(name="artworks", primary_key="id", write_disposition="merge")
    def polite_artworks(base_url: str):
        """Every artwork, page by page, asking again where the museum says so."""
        # BEGIN SOLUTION
        client = RESTClient(
            base_url,
            headers=AGENT_HEADER,
            paginator=JSONLinkPaginator("pagination.next_url"),
            data_selector="data",
            session=Client(raise_for_status=False, request_max_attempts=10).session,
        )
        yield from client.paginate("artworks", params={"limit": 100})
        # END SOLUTION

    return (polite_artworks,)


@app.cell(hide_code=True)
def checkpoint_3(polite_artworks):
    checkpoint("follow_along", 3, polite_artworks=lambda: polite_artworks)
    return


@app.cell(hide_code=True)
def hints_3():
    hints("follow_along", 3)
    return


@app.cell(hide_code=True)
def story_4():
    mo.md("""
    ## 4 · Only what changed

    The list is sorted by `updated_at`, newest first. So a second run can stop at the first record that it has seen.
    `dlt.sources.incremental` as a default argument remembers the newest value; told the order of rows, it also ends
    the loop.

    The checkpoint moves the museum's clock to day 2, runs you again, and counts requests and rows. For example, pages
    of 100 take 6 requests on day 1, and one on day 2.
    """)
    return


@app.cell
def exercise_4():
    def make_incremental(base_url: str):
        """The resource `artworks`: the first run takes all, later ones only what was updated since."""
        # BEGIN SOLUTION
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
        # END SOLUTION

    return (make_incremental,)


@app.cell(hide_code=True)
def checkpoint_4(make_incremental):
    checkpoint("follow_along", 4, make_incremental=lambda: make_incremental)
    return


@app.cell(hide_code=True)
def hints_4():
    hints("follow_along", 4)
    return


@app.cell(hide_code=True)
def button_4():
    contract_4 = mo.ui.run_button(label="Run day 1 and day 2 under a contract that freezes the columns")
    contract_4
    return (contract_4,)


@app.cell(hide_code=True)
def look_4(contract_4, make_incremental):
    mo.stop(not contract_4.value)
    mo.stop(try_out(lambda: make_incremental("")) is None, mo.md("*Step 4 returns nothing yet.*"))
    mo.md(try_out(lambda: kit.run_under_contract(make_incremental)))
    return


@app.cell(hide_code=True)
def story_5():
    mo.md("""
    ## 5 · The pictures, in the same table

    An `image_id` becomes a picture at `{iiif_url}/{image_id}/full/400,/0/default.jpg`. A transformer takes pages of
    artworks and gives rows: fetch, `harmonise_picture(content)` gives the picture and its tensor,
    `picture_row(artwork, iiif_url, content, picture, tensor)` makes the row, and `make_table("images", rows)` the
    Arrow table in the types of the data contract.

    Not every artwork has a picture, and one that has expired answers `404`: neither may stop the rest. The museum may
    still say `429` or `503` for a moment, and no picture that it has may be lost to that. For example, a page of three
    artworks, one without an `image_id`, gives one table of two rows, with the `sample_id` that `picture_row` makes:
    `art/` and the artwork's `id`.
    """)
    return


@app.cell
def exercise_5():
    @dlt.transformer(name="images", primary_key="sample_id", write_disposition="merge")
    def pictures(artworks: list[dict], iiif_url: str):
        """One Arrow table of `images` rows for a page of artworks."""
        # BEGIN SOLUTION
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
        # END SOLUTION

    return (pictures,)


@app.cell(hide_code=True)
def checkpoint_5(pictures):
    checkpoint("follow_along", 5, pictures=lambda: pictures)
    return


@app.cell(hide_code=True)
def hints_5():
    hints("follow_along", 5)
    return


@app.cell(hide_code=True)
def button_5():
    load_5 = mo.ui.run_button(label="Load 24 pictures beside both image datasets")
    load_5
    return (load_5,)


@app.cell(hide_code=True)
def look_5(base_url, load_5, pictures, workspace):
    mo.stop(not load_5.value)
    _loaded, _problem = try_out(lambda: attempt(lambda: kit.load_pictures(workspace, base_url, pictures)))
    mo.stop(bool(_problem), mo.callout(mo.md(_problem), kind="warn"))
    _balance, _sheet = _loaded
    mo.stop(_sheet is None, mo.md("*Step 5 yields nothing yet.*"))
    _title = mo.md("One query over three sources, and one contact sheet:")
    mo.vstack([_title, show_rows(_balance), mo.image(_sheet)])
    return


@app.cell(hide_code=True)
def extras():
    mo.md("""
    ## Finished early?

    - **In parallel.** `@dlt.transformer(parallelized=True)` and a function that *returns* a callable fetch several
      pages of pictures at once. How many threads until the first `429`? The `Client` waits for all of them.
    - **Ask with ibis.** `pipeline.dataset().artworks.to_ibis()` is an ibis table: which department has the most
      works in the public domain?
    - **Another API.** Take the description of step 2 to any paginated API that you know: base URL, paginator,
      selector, key.
    """)
    return


if __name__ == "__main__":
    app.run()
