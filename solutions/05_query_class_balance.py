import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="5 · Query the class balance")

with app.setup(hide_code=True):
    import ibis
    import marimo as mo

    import darkroom
    from classroom.checks.faulty_database import make_database
    from classroom.checks.query_class_balance import COLUMNS, ask_ibis
    from classroom.course.workspace import session_workspace
    from classroom.pages.checkpoint import checkpoint, hints, try_out
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.widgets import show_rows
    from darkroom import DarkroomError, explain_analysis


@app.cell(hide_code=True)
def banner():
    exercise_banner("05_query_class_balance")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 5 · Query the class balance

    "How many defects do we have?" is the first question of every project, and two people often answer it with two
    numbers. One counts masks; but a mask can be lost, while the part is still broken. One counts all images that are
    not defective as good; but of some nobody knows. One forgets that the training images may hold no defect at all.

    The folder `faulty` of the sample data has been loaded by `darkroom.ingest`. In its table `images`, `is_defect` is
    true, false or NULL, and where it is NULL somebody wrote `unclear` as the label:
    """)
    return


@app.cell(hide_code=True)
def load():
    # in a new workspace for each page, so that there is nothing to load twice
    database = make_database(session_workspace().folder)
    _facts = """
        SELECT sample_id, category, split, label, is_defect, has_mask
        FROM images
        ORDER BY is_defect NULLS FIRST, sample_id
    """
    show_rows(
        darkroom.ask(database, _facts).to_pylist(),
    )
    return (database,)


@app.cell(hide_code=True)
def task_1():
    mo.md(f"""
    **Your turn, in SQL.** Complete `class_balance_sql`: one statement for DuckDB, with a row for each category and
    split, and the columns {", ".join(f"`{name}`" for name in COLUMNS)}. An image that
    nobody knows about counts in `images` only. The tables are called `images` and `masks`. For example, `Class19` and
    `test` have 4 images: 2 good, 1 defect, and one that nobody knows about.
    """)
    return


@app.cell
def exercise_1():
    def class_balance_sql() -> str:
        """SQL that counts images, good ones and defects of each category and split."""
        # BEGIN SOLUTION
        return """
            SELECT category, split,
                   count(*) AS images,
                   count(*) FILTER (NOT is_defect) AS good,
                   count(*) FILTER (is_defect) AS defects
            FROM images
            GROUP BY category, split
            ORDER BY category, split
        """
        # END SOLUTION

    return (class_balance_sql,)


@app.cell(hide_code=True)
def checkpoint_1(class_balance_sql):
    checkpoint("05_query_class_balance", 1, class_balance_sql=lambda: class_balance_sql)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("05_query_class_balance", 1)
    return


@app.cell(hide_code=True)
def answer_sql(class_balance_sql, database):
    _sql = try_out(lambda: class_balance_sql())
    mo.stop(not isinstance(_sql, str), mo.md("*The rows of your SQL appear here.*"))
    try:
        _rows = darkroom.ask(database, _sql).to_pylist()
    except DarkroomError as error:
        mo.stop(True, mo.callout(str(error), kind="warn"))
    show_rows(_rows)
    return


@app.cell(hide_code=True)
def task_2():
    mo.md("""
    **Your turn, in ibis.** The same rows again, for example 4, 2 and 1 for `Class19` and `test`, but from an expression
    in Python. `images` is an ibis table with the
    columns that you saw; what you return is executed by whoever asks, so that no picture is fetched on the way.
    """)
    return


@app.cell
def exercise_2():
    def class_balance_ibis(images: ibis.Table) -> ibis.Table:
        """The same counts as an ibis expression."""
        # BEGIN SOLUTION
        counted = images.group_by(["category", "split"]).aggregate(
            images=images.count(),
            good=images.count(where=~images.is_defect),
            defects=images.count(where=images.is_defect),
        )
        return counted.order_by(["category", "split"])
        # END SOLUTION

    return (class_balance_ibis,)


@app.cell(hide_code=True)
def checkpoint_2(class_balance_ibis):
    checkpoint("05_query_class_balance", 2, class_balance_ibis=lambda: class_balance_ibis)
    return


@app.cell(hide_code=True)
def hints_2():
    hints("05_query_class_balance", 2)
    return


@app.cell(hide_code=True)
def answer_ibis(class_balance_ibis, database):
    _answer = try_out(lambda: ask_ibis(database, class_balance_ibis))
    mo.stop("kind" in _answer, mo.md("*The rows of your expression appear here, and the SQL that ibis makes of it.*"))
    _sql = explain_analysis(database, lambda tables: class_balance_ibis(tables["images"]))
    mo.vstack(
        [
            show_rows(_answer["rows"]),
            mo.accordion({"The SQL that ibis made of it": mo.md(f"```sql\n{_sql}\n```")}),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
