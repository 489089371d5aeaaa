"""The pages say what the program does: every setting, table, feature and command is documented."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from typer.main import get_command

ROOT = Path(__file__).parents[1]


def reference() -> ModuleType:
    """The script that writes the reference pages."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["settings.md", "contract.md", "features.md", "roles.md"])
def test_a_reference_page_is_as_the_definitions_are(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == reference().PAGES[name](), "run `python docs/reference.py`"


def test_every_command_is_told_in_the_pages() -> None:
    from ews.commands import app

    told = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for said in [f"ews {name} {one}" for one in getattr(command, "commands", ())] or [f"ews {name}"]:
            assert re.search(rf"\b{said}(?![\w-])", told), f"no page tells of `{said}`"


def test_every_link_within_the_pages_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
