"""The rules of the house, held over the syntax tree of every file."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "ews"
FILES = sorted(SOURCE.rglob("*.py"))

# What may be imported from where: a stage sees itself and what stands before it.
FLOW = {
    "errors": set(),
    "settings": {"errors"},
    "school_year": {"errors", "settings", "records"},
    "records": {"errors", "settings", "school_year"},
    "features": {"errors", "settings", "school_year", "records"},
    "outcomes": {"errors", "settings", "school_year", "records", "features"},
    "risk": {"errors", "settings", "school_year", "records", "features", "outcomes"},
    "store": {"errors", "settings"},
    "people": {"errors", "settings", "store"},
    "support": {
        "errors",
        "settings",
        "school_year",
        "records",
        "features",
        "risk",
        "store",
        "people",
    },
    "web": {"errors", "settings", "school_year", "records", "features", "risk", "store", "people", "support"},
    "district": {"errors", "settings", "school_year", "records"},
}

HOMES = {
    "mlflow": ("risk/tracking.py",),
    "shap": ("risk/drivers.py", "risk/reports.py"),
    "bentoml": (),
    "ibis": ("records/lake.py", "features/", "outcomes.py"),
    "sqlalchemy": ("store/", "people/", "support/"),
    "alembic": ("store/",),
    "deltalake": ("records/",),
    "optuna": ("risk/tuning.py",),
    "lightgbm": ("risk/",),
    "authlib": ("web/provider.py",),
    "joserfc": ("web/provider.py",),
    "pyspark": (),
    "altair": ("web/drawn.py",),
    "vl_convert": ("web/drawn.py",),
    "pickle": (),
    "joblib": (),
    "cloudpickle": (),
}

CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file, read once for all the rules."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that ``path`` imports, lazily or not, with its line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno
            if node.module == "ews":
                yield from ((f"ews.{alias.name}", node.lineno) for alias in node.names)


def inside(path: Path) -> str:
    """The path within src/ews, with forward slashes."""
    return path.relative_to(SOURCE).as_posix()


def stage(path: Path) -> str:
    """The folder or file directly under src/ews that ``path`` belongs to."""
    return inside(path).split("/")[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_imports_run_with_the_flow(path: Path) -> None:
    allowed = FLOW.get(stage(path))
    if allowed is None:  # the command line and the demo stand above all stages
        assert stage(path) in {"__init__", "__main__", "commands", "demo", "demo_past"}
        return
    for module, line in imports(path):
        if module.startswith("ews."):
            used = module.split(".")[1]
            assert used in allowed | {stage(path), "__version__"}, f"{inside(path)}:{line} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_the_library_imports_neither_training_nor_serving(path: Path) -> None:
    assert not [module for module, _ in imports(path) if module.split(".")[0] in {"training", "serving"}]


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_each_heavy_library_has_one_home(path: Path) -> None:
    for module, line in imports(path):
        homes = HOMES.get(module.split(".")[0])
        if homes is not None:
            assert inside(path).startswith(homes), f"{inside(path)}:{line} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_nobody_below_the_command_line_reads_the_clock(path: Path) -> None:
    if stage(path) in {"commands", "demo"} or inside(path).startswith("web/"):
        return  # the edge of the program: a command or a request happens now
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            assert (name, node.func.attr) not in CLOCKS, f"{inside(path)}:{node.lineno} reads the clock"


def test_one_file_alone_opens_the_door_to_who_is_an_english_learner() -> None:
    naming = {inside(path) for path in FILES if "ALLOWED_FOR_LEARNERS" in path.read_text(encoding="utf-8")}
    assert naming == {"features/allowed.py", "features/english_learners.py"}


def test_no_two_files_of_the_tests_share_a_name() -> None:
    names = Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")
    assert not [name for name, times in names.items() if times > 1], "they import each other by name alone"


def test_training_and_serving_never_import_each_other() -> None:
    for folder, other in (("training", "serving"), ("serving", "training")):
        for path in (ROOT / folder).glob("*.py"):
            assert other not in {module.split(".")[0] for module, _ in imports(path)}


def test_serving_never_imports_the_tracking_store() -> None:
    for path in (ROOT / "serving").glob("*.py"):
        assert "mlflow" not in {module.split(".")[0] for module, _ in imports(path)}


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_no_file_or_class_has_an_empty_name(path: Path) -> None:
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            assert not re.search(r"(Manager|Handler|Processor|Engine)$", node.name), (
                f"{inside(path)}: {node.name}"
            )


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_public_functions_are_typed_and_say_what_they_answer(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree) or not tree.body, f"{inside(path)} says nothing of itself"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{inside(path)}:{node.lineno} {node.name} has no docstring"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is not None, f"{inside(path)}:{node.lineno} {node.name} has no return type"


@pytest.mark.parametrize("path", sorted((SOURCE / "web").rglob("*.css")), ids=inside)
def test_a_style_sheet_closes_what_it_opens_before_its_next_part(path: Path) -> None:
    depth = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        assert not (line.startswith("/* --") and depth), f"{inside(path)}:{number} stands within another rule"
        depth += line.count("{") - line.count("}")
    assert depth == 0, f"{inside(path)} leaves a rule open"


def test_no_address_of_the_outside_is_written_into_a_page() -> None:
    pages = [path for path in (SOURCE / "web").rglob("*") if path.suffix in {".html", ".css", ".js", ".svg"}]
    for path in pages:
        found = re.findall(r"(?:https?:)?//[\w.-]+", path.read_text(encoding="utf-8"))
        assert not [address for address in found if "www.w3.org" not in address], path
