import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="2 · Harmonise an image")

with app.setup(hide_code=True):
    import marimo as mo
    import numpy as np
    from PIL import Image

    from classroom.course.registry import find_course
    from classroom.pages.checkpoint import checkpoint, hints, try_out
    from classroom.pages.navigation import exercise_banner


@app.cell(hide_code=True)
def banner():
    exercise_banner("02_harmonise_an_image")
    return


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # 2 · Harmonise an image without losing a small defect

    One camera gives 1024 × 1024 pixels in colour, another 512 × 512 in grey, a third one a palette. A model wants all
    of them alike: one size, RGB, `uint8`. Scaling a photograph down is easy, and it looks right.

    Its **mask** is scaled down, too, and there nobody looks. A scratch of two pixels disappears, the mask is empty, and
    the model learns that a broken part is a good one. No error, no warning.
    """)
    return


@app.cell(hide_code=True)
def task():
    mo.md("""
    **Your turn.** Complete `harmonise`. It gets an image of any mode and size and its mask, which is as large as the
    image (mode `L`, 255 is defect, 0 is not), and returns two arrays:

    - the **tensor**, `(size_px, size_px, 3)` uint8, RGB: the whole image, stretched to the square;
    - the **mask**, `(size_px, size_px)` uint8, 0 or 1. Each defect is still there afterwards, however small it is and
      whatever else is on the mask; an empty mask stays empty; a large defect has no holes, even where a small image is
      scaled *up*.

    For example, a white image of 8 × 8 in grey, with one white pixel in its mask at row 5, column 2, and `size_px=4`:
    a tensor `(4, 4, 3)` of which every value is 255, and a mask `(4, 4)` with one 1, at row 2, column 1.
    """)
    return


@app.cell
def exercise_1():
    def harmonise(image: Image.Image, mask: Image.Image, size_px: int):
        """An image and its mask as two arrays of one size: the tensor and the mask."""
        # BEGIN SOLUTION
        square = (size_px, size_px)
        tensor = np.asarray(image.convert("RGB").resize(square, Image.Resampling.LANCZOS))
        small_mask = np.array(mask.resize(square, Image.Resampling.NEAREST)) > 0
        # nearest neighbour leaves out most pixels: each one with a defect marks the cell that it falls into
        rows, columns = np.nonzero(np.asarray(mask))
        small_mask[rows * size_px // mask.height, columns * size_px // mask.width] = True
        return tensor, small_mask.astype(np.uint8)
        # END SOLUTION

    return (harmonise,)


@app.cell(hide_code=True)
def checkpoint_1(harmonise):
    checkpoint("02_harmonise_an_image", 1, harmonise=lambda: harmonise)
    return


@app.cell(hide_code=True)
def hints_1():
    hints("02_harmonise_an_image", 1)
    return


@app.function(hide_code=True)
def show_pictures(**pictures: Image.Image):
    """Pictures side by side, each pixel large enough to be seen, with their names below."""
    _images = [
        mo.image(np.asarray(picture.resize((220, 220), Image.Resampling.NEAREST)), caption=name.replace("_", " "))
        for name, picture in pictures.items()
    ]
    return mo.hstack(_images, justify="start", wrap=True)


@app.cell(hide_code=True)
def before():
    _gasket = find_course(mo.notebook_dir()).root / "sample_data" / "faulty" / "gasket"
    image = Image.open(_gasket / "test" / "cut" / "004.png")
    mask = Image.open(_gasket / "ground_truth" / "cut" / "004_mask.png")
    _around = (313, 181, 353, 221)
    mo.vstack(
        [
            mo.md(f"### See for yourself\n\nA rubber ring, {image.width} × {image.height} pixels, one of them bad:"),
            show_pictures(the_image=image, close_up=image.crop(_around), mask_of_the_close_up=mask.crop(_around)),
        ]
    )
    return image, mask


@app.cell(hide_code=True)
def choose_size():
    size_px = mo.ui.slider(steps=[16, 32, 64, 128, 256], value=64, label="`size_px`", show_value=True)
    mo.left(size_px)
    return (size_px,)


@app.cell(hide_code=True)
def after(harmonise, image, mask, size_px):
    def _draw(tensor, cells):
        white = Image.fromarray(np.where(np.asarray(cells) > 0, 255, 0).astype(np.uint8))
        count = f"Cells of your mask that say defect: **{np.count_nonzero(cells)}** of {np.size(cells)}."
        return mo.vstack(
            [mo.md(count), show_pictures(your_tensor=Image.fromarray(np.asarray(tensor)), your_mask=white)]
        )

    _answer = try_out(lambda: harmonise(image, mask, size_px.value))
    mo.stop(not isinstance(_answer, tuple), mo.md("*Your tensor and your mask appear here.*"))
    try_out(lambda: _draw(*_answer))
    return


if __name__ == "__main__":
    app.run()
