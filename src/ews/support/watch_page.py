"""A watch as one HTML file that needs nothing else: the colours of the pages, a line and a table a check."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

WORDS = {"red": "Act now", "amber": "Look into it", "green": "Fine", "grey": "Cannot be told yet"}


def write_watch(folder: Path, report: Mapping[str, Any]) -> list[Path]:
    """``report`` as ``watch-DATE.html`` and ``watch-DATE.json`` in ``folder``; gives both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"watch-{report['as_of']}"
    page, twin = folder / f"{name}.html", folder / f"{name}.json"
    page.write_text(watch_page(report), encoding="utf-8")
    twin.write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    return [page, twin]


def watch_page(report: Mapping[str, Any]) -> str:
    """The page of a report, with its style inside."""
    paper = Environment(
        loader=PackageLoader("ews.support"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tokens = files("ews").joinpath("web/static/tokens.css").read_text(encoding="utf-8")
    return paper.get_template("watch.html").render(report=report, words=WORDS, tokens=tokens)
