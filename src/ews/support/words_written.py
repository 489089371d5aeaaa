"""What a person wrote into a form, as it is kept: the same words, without what the form added."""

from __future__ import annotations

from ews.errors import UsageError

LONGEST_TEXT = 4_000  # characters of a note, a reason, an answer


def words_written(written: str, missing: str | None, *, longest: int = LONGEST_TEXT) -> str:
    """``written`` without what a form adds at its ends, a line break as one character.

    Errors: UsageError saying ``missing`` when nothing is left (with None it may be empty), or when it is
    longer than ``longest``.

    >>> words_written(" Her aunt picks up.\\r\\nCall after four. ", None)
    'Her aunt picks up.\\nCall after four.'
    """
    text = written.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text and missing is not None:
        raise UsageError(missing, "Write a few words.")
    if len(text) > longest:
        raise UsageError(f"That is longer than {longest:,} characters.", "Shorten it.")
    return text
