import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="1 · Read a layout")

with app.setup(hide_code=True):
    from pathlib import PurePosixPath

    import marimo as mo

    from classroom.pages.checkpoint import checkpoint, hints, try_out
    from classroom.pages.navigation import exercise_banner
    from classroom.pages.widgets import show_rows


@app.cell(hide_code=True)
def banner():
    exercise_banner("01_read_a_layout")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 1 · Read a layout

    MVTec AD says everything about an image by where it lies:

    ```
    bottle/train/good/000.png                     an image without a defect
    bottle/test/broken_small/003.png              an image with one
    bottle/ground_truth/broken_small/003_mask.png the mask of that image
    ```

    A mask is not an image of a bottle. A pipeline that takes masks for images trains on drawings.

    **Your turn.** Complete `read_sample`, which turns a path into what is known of the sample, or into `None` where the
    path is no image to train or test with. The key, `sample_id`, is the path with `mvtec_ad/` before it. For example,
    `read_sample("bottle/test/broken_small/003.png")` returns

    ```python
    {
        "sample_id": "mvtec_ad/bottle/test/broken_small/003.png",
        "category": "bottle",
        "split": "test",
        "label": "broken_small",
        "is_defect": True,
    }
    ```

    A category may be called anything, and a mask may be named like its image.
    """)
    return


@app.cell
def exercise_1():
    def read_sample(path: str) -> dict | None:
        """Facts of one image: sample_id, category, split, label, is_defect; None for a mask."""
        pass  # write here

    return (read_sample,)


@app.cell(hide_code=True)
def checkpoint_1(read_sample):
    checkpoint("01_read_a_layout", 1, read_sample=lambda: read_sample)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("01_read_a_layout", 1)
    return


@app.cell(hide_code=True)
def look(read_sample):
    mo.vstack(
        [
            mo.md("What your function says of three paths:"),
            show_rows(
                [
                    {"path": path, "read_sample(path)": str(try_out(lambda path=path: read_sample(path)))}
                    for path in (
                        "bottle/train/good/000.png",
                        "bottle/test/broken_small/003.png",
                        "bottle/ground_truth/broken_small/003_mask.png",
                    )
                ],
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
