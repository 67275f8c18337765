import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="3 · Troubles and tips",
)

with app.setup(hide_code=True):
    import functools

    import marimo as mo

    from classroom.pages.quiz import Question, answer, ask
    from classroom.pages.tips import TIPS
    from classroom.pages.troubles import TROUBLES, backstage, play
    from classroom.pages.troubles.page import make_choices, show_tip, show_trouble

    FIRST_TROUBLES = ("pending", "frozen", "duplicates")


@app.cell(hide_code=True)
def introduction():
    mo.md("""
    # Troubles and tips

    Ten troubles that everybody meets with dlt, and four tips. **You choose** which of them open.

    Nothing here is a picture of an error: what you choose is run at that moment, on this computer, in a database of
    its own. Beside each piece of code stands what came of it.

    ## Which of these have you met?

    Type the numbers into the chat, as in `1 4 7`; the most frequent are opened.
    """)
    return


@app.cell(hide_code=True)
def choose_troubles():
    _titles = {trouble.id: f"**{number}** · {trouble.title}" for number, trouble in enumerate(TROUBLES, start=1)}
    chosen_troubles = make_choices(_titles, "Provoke these", FIRST_TROUBLES)
    chosen_troubles
    return (chosen_troubles,)


@app.cell(hide_code=True)
def predict_second_try():
    second_try = Question(
        text="A load fails, because a viewer has the file open. You close it, mend a typo in your row, and run again. "
        "The run succeeds. What is in the table?",
        options=("the mended row", "the row with the typo", "both rows"),
        answer=1,
        why="The failed load was pending, and the second run finished *that*; it did not read your mended row. "
        "Trouble 1 shows it, with the one line of the log that tells.",
        poll="Second try",
    )
    second_try_guess = ask(second_try)
    second_try_guess
    return second_try, second_try_guess


@app.cell(hide_code=True)
def check_second_try(second_try, second_try_guess):
    answer(second_try, second_try_guess.value)
    return


@app.cell(hide_code=True)
def play_again():
    again = mo.ui.run_button(label="Run all of it again")
    again
    return (again,)


@app.cell(hide_code=True)
def players(again):
    again.value  # a click makes new players, which remember nothing
    play_once = functools.cache(play)

    @functools.cache
    def measure_once(tip):
        with backstage() as workspace:
            return tip.measure(workspace)

    return measure_once, play_once


@app.cell(hide_code=True)
def troubles(chosen_troubles, play_once):
    _ticked = chosen_troubles.value or dict.fromkeys(FIRST_TROUBLES, True)
    with mo.status.spinner("Provoking what you chose …"):
        _opened = [
            show_trouble(number, trouble, play_once(trouble))
            for number, trouble in enumerate(TROUBLES, start=1)
            if _ticked.get(trouble.id)
        ]
    mo.vstack(_opened or [mo.md("Nothing is chosen yet: tick one above, and press the button.")])
    return


@app.cell(hide_code=True)
def tips_introduction():
    mo.md("""
    ## Which tip would you like?

    Type a letter into the chat.
    """)
    return


@app.cell(hide_code=True)
def choose_tips():
    _titles = {tip.id: f"**{letter}** · {tip.title}" for letter, tip in zip("ABCD", TIPS, strict=True)}
    chosen_tips = make_choices(_titles, "Measure these")
    chosen_tips
    return (chosen_tips,)


@app.cell(hide_code=True)
def predict_freeze():
    freeze = Question(
        text="A frozen table gets two rows. One is as always, the other has a new column. How many rows are added?",
        options=("two: the new column is dropped", "one: the row that fits", "none"),
        answer=2,
        why="`freeze` refuses the whole load: half of an export is worse than none. `discard_row` adds the one that "
        "fits, `discard_value` both without the column. Tip A measures all four modes.",
        poll="Freeze",
    )
    freeze_guess = ask(freeze)
    freeze_guess
    return freeze, freeze_guess


@app.cell(hide_code=True)
def check_freeze(freeze, freeze_guess):
    answer(freeze, freeze_guess.value)
    return


@app.cell(hide_code=True)
def tips(chosen_tips, measure_once):
    _ticked = chosen_tips.value or {}
    with mo.status.spinner("Measuring what you chose …"):
        _opened = [
            show_tip(letter, tip, measure_once(tip))
            for letter, tip in zip("ABCD", TIPS, strict=True)
            if _ticked.get(tip.id)
        ]
    mo.vstack(_opened or [mo.md("Nothing is chosen yet: tick one above, and press the button.")])
    return


@app.cell(hide_code=True)
def close():
    mo.md("""
    **Three habits that prevent most of this.** Read the *last* lines of the message first. Count the rows after a
    second run. Run `classroom doctor` before you blame your code.
    """)
    return


if __name__ == "__main__":
    app.run()
