"""A report as one page that stands alone: its style is within it, and everything put into it is escaped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "templates"


def drawn(name: str, **given: Any) -> str:
    """The page that ``templates/<name>.html`` draws of what is given, in the common style and its own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    sheet = "".join((TEMPLATES / f"{part}.css").read_text(encoding="utf-8") for part in ("sheet", name))
    return environment.get_template(f"{name}.html").render(sheet=Markup(sheet), **given)
