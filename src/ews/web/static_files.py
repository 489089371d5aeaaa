"""Style sheets and the icon, each under an address that names its version, so that a browser keeps it.

A new version has another address and is seen at once; under the bare address a browser asks each time.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
A_YEAR = 365 * 24 * 60 * 60  # seconds


@cache
def version(name: str) -> str:
    """What the address of a file says of its content."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static_address(name: str) -> str:
    """The address of a file in ``static`` in the version that is there now."""
    return f"/static/{name}?v={version(name)}"


class KeptFiles(StaticFiles):
    """Files that a browser keeps for a year under the address of their version, and no other."""

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """The file, or that it has not changed."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        kept = asked == [version(Path(full_path).name)]
        response.headers["cache-control"] = f"max-age={A_YEAR}, immutable" if kept else "no-cache"
        return response


IN_TEMPLATES = {"static_address": static_address}
