"""A page as a PDF, made here: WeasyPrint reads our own page and our own print sheet, and fetches nothing.

It draws with Pango, which comes from the operating system. Where that is missing the page says what to
install, and the same pages still print from any browser.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from starlette.responses import Response

from ews.web.problems import Problem

PRINTED = Path(__file__).parent / "static" / "printed.css"
PAPERS = {"letter": "Letter", "a4": "A4"}
NO_PANGO = Problem(
    503,
    "no_pango",
    "No PDF on this machine yet",
    "The part of the system that sets type for a PDF (Pango) is not installed.",
    "Print the page from the browser, or ask the person who runs this service to install"
    " libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0.",
)


class NoPango(Exception):
    """The libraries that set type are not on this machine."""


def pdf_of(page: str) -> bytes:
    """``page`` (HTML) as a PDF by the rules of ``printed.css``; NoPango where it cannot be made.

    Nothing is fetched for it, from the disk or from anywhere: what a page needs stands in it.
    """
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError):
        raise NoPango from None
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # its warnings repeat the page's words
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    sheet = CSS(string=PRINTED.read_text(encoding="utf-8"))
    written: Any = HTML(string=page, base_url="about:blank", url_fetcher=_nothing()).write_pdf(
        stylesheets=[sheet]
    )
    return bytes(written)


def _nothing() -> Any:
    """A fetcher that fetches nothing but what stands in the page itself."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",))


def pdf_answer(content: bytes, name: str) -> Response:
    """A PDF to be opened in the browser; ``name`` has no student in it."""
    headers = {"content-disposition": f'inline; filename="{name}.pdf"'}
    return Response(content, 200, headers, media_type="application/pdf")
