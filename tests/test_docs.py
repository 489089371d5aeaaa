"""The pages say what the program does: every setting, table, feature and command is documented."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

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
    from ews.commands import accounts_app, app, clients_app, district_app, ledger_app

    told = "".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")])
    groups = {
        "": app,
        "accounts ": accounts_app,
        "clients ": clients_app,
        "district ": district_app,
        "ledger ": ledger_app,
    }
    for prefix, group in groups.items():
        for command in group.registered_commands:
            name = command.name or command.callback.__name__  # type: ignore[union-attr]
            said = f"ews {prefix}{name}"
            assert re.search(rf"\b{said}(?![\w-])", told), f"no page tells of `{said}`"


def test_every_link_within_the_pages_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
