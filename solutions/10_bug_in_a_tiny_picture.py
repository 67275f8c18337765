import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="10 · Spot the bug: a tiny picture")

with app.setup(hide_code=True):
    from collections.abc import Iterator
    from inspect import getsource
    from textwrap import dedent

    import marimo as mo
    import numpy as np

    from classroom.course.workspace import session_workspace
    from classroom.pages.checkpoint import checkpoint, hints
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.quiz import Question, answer, ask


@app.cell(hide_code=True)
def banner():
    exercise_banner("10_bug_in_a_tiny_picture")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 10 · Spot the bug: a tiny picture

    dlt loads what Python yields: dicts, lists, numbers. An array is none of these, so `broken_images` makes lists of it
    first. For a picture of 4 × 4 pixels that works, and the load succeeds.
    """)
    return


@app.cell
def picture():
    tiny = np.random.default_rng(7).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return (tiny,)


@app.cell
def broken():
    def broken_images(pictures: dict[str, np.ndarray]) -> Iterator[dict]:
        """One row for each picture, by `sample_id`."""
        for sample_id, picture in pictures.items():
            yield {"sample_id": sample_id, "pixels": picture.tolist()}

    return (broken_images,)


@app.cell(hide_code=True)
def broken_in_run_mode(broken_images):
    # `marimo run` hides all code, and this is what the page is about
    mo.md(f"```python\n{dedent(getsource(broken_images))}```") if mo.app_meta().mode == "run" else None
    return


@app.cell(hide_code=True)
def predict():
    question = Question(
        text="One picture of 4 × 4 pixels in RGB is loaded. How many rows does dlt write, in all tables together?",
        options=("1: a picture is a row", "17: one, and one for each pixel", "69: one for each list and each number"),
        answer=2,
        why="A list inside a row becomes a table of its own, whose rows point to their parent. A list in a list "
        "becomes a table below that one. So there is a row for the picture, 4 for its lines, 16 for its pixels and 48 "
        "for the numbers, and each has keys of its own, which are longer than the number.",
    )
    guess = ask(question)
    guess
    return guess, question


@app.cell
def load_broken(broken_images, tiny):
    workspace = session_workspace()
    pipeline = workspace.pipeline()
    pipeline.run(broken_images({"tiny.png": tiny}), table_name="images")
    counts = pipeline.dataset().row_counts().fetchall()
    return (counts,)


@app.cell(hide_code=True)
def look_broken(counts, guess, question, tiny):
    _side = 256
    _lines = [f"| `{table}` | {rows} |" for table, rows in counts]
    _table = "\n".join(
        ["| table | rows |", "|:---|---:|", *_lines, f"| together | {sum(rows for _, rows in counts)} |"]
    )
    _large = 1 + _side + _side**2 + _side**2 * tiny.shape[2]
    _so_what = (
        f"A picture of {_side} × {_side} pixels, which is small, becomes {_large:,} rows. Two of them took 88 seconds "
        "and 6 GB of memory when we measured it. darkroom writes two rows."
    )
    mo.vstack([answer(question, guess.value), *([mo.md(_table), mo.md(_so_what)] if guess.value is not None else [])])
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Write `images`, which yields one row for each picture, into one table. A colleague must be able to
    make each picture again from its row alone, without knowing where it came from. The columns are those of darkroom:

    | column | content |
    |:---|:---|
    | `sample_id` | the key in `pictures` |
    | `image_tensor` | all numbers of the picture, as one value |
    | `tensor_height`, `tensor_width`, `tensor_channels` | its shape |
    | `tensor_dtype` | what kind of number it is made of, its byte order included; not every camera has 8 bits |

    For example, `{"tiny.png": tiny}` gives one row: the key `tiny.png`, a tensor of 48 bytes, 4, 4 and 3, and `uint8`.
    """)
    return


@app.cell
def exercise_1():
    def images(pictures: dict[str, np.ndarray]) -> Iterator[dict]:
        """One row for each picture `(H, W, C)`, from which it can be made again."""
        # BEGIN SOLUTION
        for sample_id, array in pictures.items():
            height, width, channels = array.shape
            yield {
                "sample_id": sample_id,
                "image_tensor": array.tobytes(),
                "tensor_height": height,
                "tensor_width": width,
                "tensor_channels": channels,
                "tensor_dtype": str(array.dtype),
            }
        # END SOLUTION

    return (images,)


@app.cell(hide_code=True)
def checkpoint_1(images):
    checkpoint("10_bug_in_a_tiny_picture", 1, images=lambda: images)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("10_bug_in_a_tiny_picture", 1)
    return


if __name__ == "__main__":
    app.run()
