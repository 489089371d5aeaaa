"""Beside every box that takes words stands who can read them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ews.web

TEMPLATES = Path(ews.web.__file__).parent / "templates"
BOX = re.compile(r"<textarea (?P<attributes>(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*)>")
FOR_IDS = {"ids", "others"}  # student ids, one a line: nobody reads words there
BOXES = [
    (path, found["attributes"])
    for path in sorted(TEMPLATES.rglob("*.html"))
    for found in BOX.finditer(path.read_text())
    if not FOR_IDS & set(re.findall(r'name="(\w+)"', found["attributes"]))
]


def sentences_beside(path: Path) -> set[str]:
    """The ids of the sentences that stand in a template, or beside it in one that draws its fields."""
    readers = [path.read_text()]
    readers += [text for text in map(Path.read_text, TEMPLATES.rglob("*.html")) if f'"{path.name}"' in text]
    found: set[str] = set()
    for text in readers:
        found |= set(re.findall(r'<p [^>]*id="((?:[^"{]|\{\{.*?\}\})+)"', text))
        for given in re.findall(r"who_reads\([^,()]*(?:,([^()]*))?\)", text):
            found.add(written(given) if given else "who-reads")
    return found


def written(given: str) -> str:
    """An id as a template joins it, in the form in which an attribute says it.

    >>> written(' "met-reads-" ~ one.dispute_id')
    'met-reads-{{ one.dispute_id }}'
    """
    parts = [part.strip() for part in given.split("~")]
    return "".join(part.strip('"') if part.startswith('"') else f"{{{{ {part} }}}}" for part in parts)


@pytest.mark.parametrize(
    ("path", "box"), BOXES, ids=[f"{path.name}-{number}" for number, (path, _) in enumerate(BOXES)]
)
def test_every_box_leads_to_who_can_read_it(path: Path, box: str) -> None:
    described = re.search(r'aria-describedby="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})+)"', box)
    assert described, f"{path.name}: nothing says who can read {box}"
    said = re.sub(r"\{%.*?%\}", "", described[1])
    found = sentences_beside(path)
    assert any(said == one or said.startswith(f"{one} ") for one in found), (
        f"{path.name}: {said} stands nowhere"
    )
