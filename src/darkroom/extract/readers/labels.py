"""The words that label folders have for normal and for defective: one list for every layout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from darkroom.errors import OptionError
from darkroom.keys import compose, make_key
from darkroom.layout_words import IMAGE_FOLDERS
from darkroom.sample import DEFECT, NORMAL

NORMAL_WORDS = frozenset(
    {NORMAL, "ok", "normal", "free", "defect_free", "no_defect", "no_defects", "non_defective", "not_defective"}
    | {"anomaly_free", "no_anomaly", "no_anomalies", "non_anomalous"}
)
"""Each is read as `good`, in whatever case, with blanks or `-` for `_`, and with blanks around it. `0` is none: there
are people who count their defects from it."""

DEFECT_WORDS = frozenset(
    {"bad", "ko", "ng", "nok", "anomaly", "anomalous", "abnormal", DEFECT, "defects", "defective", "faulty"}
)
"""Each stays as it is. Where all labels of a split are among them, nobody has to be asked which one is normal."""

_SHOWN = 3


def make_normal_words(given: str | Sequence[str]) -> frozenset[str]:
    """Returns the words for normal: those that everybody uses, and those that were given for `normal_label`."""
    return NORMAL_WORDS | {make_word(word) for word in list_given(given)}


def make_word(label: str) -> str:
    """Returns what spellings of one word have in common: `Defect-free ` is `defect_free`."""
    return re.sub(r"[\s_-]+", "_", make_key(label).strip())


def is_normal(label: str, normal_words: frozenset[str] = NORMAL_WORDS) -> bool:
    """Tells whether a label is a word for `good`."""
    return make_word(label) in normal_words


def list_given(given: str | Sequence[str]) -> list[str]:
    """Returns the words given for `normal_label`, one or several, as a list."""
    return [given] if isinstance(given, str) else list(given)


def read_label(folder: str, normal_words: frozenset[str]) -> str | None:
    """Returns what a label folder says: `good` for each word for that, None for nothing, else its name."""
    if make_key(folder) in IMAGE_FOLDERS:
        return None
    return NORMAL if is_normal(folder, normal_words) else compose(folder)


def describe_doubt(labels: Iterable[str | None]) -> str | None:
    """Returns what to tell about the labels of a split if none is normal and that is not plain; else None."""
    names = sorted({label for label in labels if label is not None})
    if NORMAL in names or all(make_word(name) in DEFECT_WORDS for name in names):
        return None
    return (
        f"no label is a word for normal, so all are taken for defects ({_shorten(names)}); if one of them is "
        "normal, name it with `normal_label`"
    )


def check_given(given: str | Sequence[str], folders: Iterable[str]) -> None:
    """Refuses a word for normal that no label folder bears: somebody mistyped it.

    Raises:
        OptionError: There is such a word.
    """
    names = sorted({compose(folder) for folder in folders})
    keys = {make_word(name) for name in names}
    if missing := [word for word in list_given(given) if make_word(word) not in keys]:
        raise OptionError(
            f"`normal_label` {', '.join(missing) or repr('')}: no label folder is called so. Expected some of those "
            f"that are there ({_shorten(names, 12) or 'none'})."
        )


def _shorten(names: Sequence[str], shown: int = _SHOWN) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
