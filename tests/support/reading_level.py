"""How hard a text is to read: the Flesch-Kincaid grade level, in a few lines of our own.

0.39 * words per sentence + 11.8 * syllables per word - 15.59: Kincaid, Fishburne, Rogers and Chissom,
Derivation of New Readability Formulas for Navy Enlisted Personnel, Research Branch Report 8-75 (1975).
"""

from __future__ import annotations

import re


def grade_level(text: str) -> float:
    """The school grade in which ``text`` is read with ease.

    >>> round(grade_level("The cat sat on the mat. It was warm."), 1)
    -1.8
    """
    sentences = [part for part in re.split(r"[.!?](?:\s|$)", text) if part.strip()]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """Groups of vowels, a silent e at the end not counted; at least one.

    >>> [syllables(word) for word in ("school", "interpreter", "make", "table", "choice")]
    [1, 4, 1, 2, 1]
    """
    small = word.lower()
    groups = len(re.findall(r"[aeiouy]+", small))
    if small.endswith("e") and not small.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    return max(groups, 1)
