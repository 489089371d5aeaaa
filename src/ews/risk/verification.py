"""Whether a model's files are what was promoted: bytes, then structure, before anything reads them.

A LightGBM text is not safe input: truncated it ends the process, a bad child index loops for ever, a
changed leaf is served silently. So the checksum is taken over the bytes that will be used, and every
tree is walked before LightGBM sees it.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

from ews.errors import OurFault

MANIFEST = "MANIFEST.json"
FILES = (
    "model.txt",
    "calibration.json",
    "ranges.json",
    "features.json",
    "typical.json",
    "golden.json",
    "card.json",
)
LARGEST = 64 * 1024 * 1024  # bytes of one file
FORMAT = 2  # 2: with ranges.json
NUMERICAL = {"0", "2", "4", "6", "8", "10"}  # LightGBM's decision types without categories


def damaged(what: str) -> OurFault:
    """The error for a bundle that is not what was promoted."""
    return OurFault(
        f"A model in service is not what was promoted: {what}.", "Promote or roll back the model."
    )


def manifest_of(files: dict[str, bytes]) -> bytes:
    """The list of ``files`` with sizes and SHA-256, as the bytes of MANIFEST.json."""
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in sorted(files.items())
    }
    return json.dumps({"format": FORMAT, "files": listed}, indent=1).encode()


def verified_files(folder: Path) -> dict[str, bytes]:
    """The bytes of every file of the bundle in ``folder``, each as its manifest says.

    Errors: OurFault when a file is missing, too many, too large, or of another size or checksum.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed = manifest["files"]
        if manifest["format"] != FORMAT or set(listed) != set(FILES):
            raise ValueError("files or format")
    except (OSError, ValueError, KeyError, TypeError):
        raise damaged(f"{folder.name}/{MANIFEST} is missing or unreadable") from None
    return {name: verified_bytes(folder / name, listed[name]) for name in FILES}


def verified_bytes(path: Path, listed: dict[str, object]) -> bytes:
    """The bytes at ``path``, if they are the ones listed."""
    try:
        if path.stat().st_size > LARGEST:
            raise damaged(f"{path.parent.name}/{path.name} is too large")
        content = path.read_bytes()
    except OSError:
        raise damaged(f"{path.parent.name}/{path.name} is missing") from None
    if len(content) != listed.get("size") or hashlib.sha256(content).hexdigest() != listed.get("sha256"):
        raise damaged(f"{path.parent.name}/{path.name} does not have the listed checksum")
    return content


def walk_trees(text: str, features: tuple[str, ...], classes: int = 1) -> int:
    """The number of trees in a LightGBM text whose every tree is whole; OurFault for anything else.

    ``classes``: 1 for a model, the number of refits for a model of refits, which has an objective of ours.
    Each inner node and each leaf is reached exactly once from the root, splits are numerical, name a
    feature that exists, and all numbers are finite.
    """
    head, separator, rest = text.partition("\nTree=0\n")
    body, end, _ = rest.partition("end of trees\n")
    if not separator or not end:
        raise damaged("its text is cut short")
    header = lines_of(head)
    blocks = ("Tree=0\n" + body).split("\nTree=")
    written = [("" if place == 0 else "Tree=") + block for place, block in enumerate(blocks)]
    check_header(header, features, classes)
    sizes = [int(size) for size in header.get("tree_sizes", "").split() if size.isdecimal()]
    last = len(written) - 1
    found = [len(block.encode()) + (place < last) for place, block in enumerate(written)]
    if sizes != found:
        raise damaged("its trees are not as long as its header says")
    for block in written:
        try:
            walk_tree(lines_of(block), len(features))
        except (KeyError, ValueError, IndexError):
            raise damaged("a tree has missing or unreadable numbers") from None
    return len(written)


def check_header(header: dict[str, str], features: tuple[str, ...], classes: int) -> None:
    """So many classes, a tree a step for each, and exactly the listed features in order."""
    expected = {
        "num_class": str(classes),
        "num_tree_per_iteration": str(classes),
        "max_feature_idx": str(len(features) - 1),
        "feature_names": " ".join(features),
        "objective": "binary sigmoid:1" if classes == 1 else None,
    }
    for name, value in expected.items():
        if header.get(name) != value:
            raise damaged(f"its header says something else of {name}")


def lines_of(block: str) -> dict[str, str]:
    """``name=value`` lines as a mapping."""
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def walk_tree(tree: dict[str, str], features: int) -> None:
    """Walk one tree from its root; OurFault when it is not a tree."""
    leaves = int(tree["num_leaves"])
    if leaves < 1 or tree["num_cat"] != "0" or tree["is_linear"] != "0":
        raise damaged("a tree is of another kind than ours")
    finite(tree["leaf_value"], leaves)
    if leaves == 1:
        return
    inner = leaves - 1
    for name in ("leaf_weight", "leaf_count"):
        finite(tree[name], leaves)
    for name in ("internal_value", "internal_count"):
        finite(tree[name], inner)
    finite(tree["threshold"].replace("inf", "0"), inner)  # a split of the missing from all others is at inf
    splits = [int(place) for place in tree["split_feature"].split()]
    if len(splits) != inner or not all(0 <= place < features for place in splits):
        raise damaged("a tree splits on a feature that does not exist")
    kinds = tree["decision_type"].split()
    if len(kinds) != inner or not set(kinds) <= NUMERICAL:
        raise damaged("a tree splits in a way that is not ours")
    children = [[int(child) for child in tree[side].split()] for side in ("left_child", "right_child")]
    if any(len(side) != inner for side in children):
        raise damaged("a tree lacks children")
    reached: list[int] = []
    waiting = [0]
    while waiting and len(reached) <= 2 * leaves:
        node = waiting.pop()
        reached.append(node)
        if node >= inner or node < -leaves:
            raise damaged("a tree points outside itself")
        if node >= 0:
            waiting += [children[0][node], children[1][node]]
    if sorted(reached) != list(range(-leaves, inner)):
        raise damaged("a tree reaches a node twice or never")


def finite(numbers: str, count: int) -> None:
    """OurFault unless there are ``count`` finite numbers."""
    values = [float(number) for number in numbers.split()]
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise damaged("a tree has missing or infinite numbers")
