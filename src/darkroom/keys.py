"""How names are compared: one rule for every part of a key, in whatever case and Unicode form it was written."""

from __future__ import annotations

import unicodedata


def compose(name: str) -> str:
    """Returns a name in the form that most of the world writes; macOS takes accents apart (NFD)."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def make_key(name: str) -> str:
    """Returns what names that mean the same have in common: neither case nor Unicode form counts."""
    return name.lower() if name.isascii() else compose(compose(name).casefold())


def spell_apart(name: str, other: str) -> str:
    r"""Returns `other` so that it can be told from `name`: where both are none but ASCII, as it is, else escaped.

    Two names may look alike and differ: `'Kratze\u0301r'` is no `Kratzér` to a computer.
    """
    return other if name.isascii() and other.isascii() and other == other.strip() else ascii(other)
