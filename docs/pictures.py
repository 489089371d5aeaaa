"""The README's pictures, taken anew from the demo: `make demo` once, then `python docs/pictures.py`.

Needs Debian's Chromium. The demo's own pages are opened as Ms. Okafor, in the font Liberation Sans where
it is installed, so that pictures made on different machines are alike. No request leaves this machine.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from ews.district.cast import MARIBEL, SIGN_INS
from ews.errors import UsageError
from ews.people.accounts import disable_account
from ews.people.sessions import open_session
from ews.settings import Settings, read_settings
from ews.store import open_store
from ews.store.tables import accounts
from ews.web.app import web_app

FOLDER = Path(__file__).parent / "pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MOST_BYTES = 400_000
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <selectfont><rejectfont><pattern>
    <patelt name="family"><string>DejaVu Sans</string></patelt>
  </pattern></rejectfont></selectfont>
  <alias binding="strong"><family>system-ui</family><prefer><family>Liberation Sans</family></prefer></alias>
  <alias binding="strong"><family>sans-serif</family><prefer><family>Liberation Sans</family></prefer></alias>
</fontconfig>
"""
# name: address, width, height (0: the whole page), colours
PICTURES = {
    "list-1280": ("/list", 1280, 0, "light"),
    "student-1280": (f"/students/{MARIBEL}", 1280, 1500, "light"),
    "list-390": ("/list", 390, 1400, "light"),
}


def main() -> None:
    """Serve the demo, open each page, keep its picture."""
    settings = read_settings()
    if not (settings.home / "demo.json").exists():
        raise UsageError(f"There is no demo in {settings.home}.", "Run `make demo` first.")
    FOLDER.mkdir(exist_ok=True)
    with signed_in(settings) as secret, served(settings) as address, chromium() as browser:
        for name in PICTURES:
            print(f"{name}.png: {take(browser, address, secret, name):,} bytes")


@contextmanager
def signed_in(settings: Settings) -> Iterator[str]:
    """A session with the caseload of the demo's counselor, on an account that is shut afterwards."""
    now = datetime.now(UTC)
    person = {
        "name": f"pictures-{now:%Y%m%d%H%M%S}@tworivers.example",
        "role": SIGN_INS[0].role,
        "staff_id": SIGN_INS[0].staff_id,
        "school_ids": list(SIGN_INS[0].schools),
        "password_hash": "no password opens this account",
        "must_change": False,
        "created_at": now,
    }
    with open_store(settings) as store:
        with store.begin() as tx:
            account = tx.execute(accounts.insert().values(**person)).inserted_primary_key[0]
            secret, _ = open_session(tx, account, now=now, hours=1)
        yield secret
        with store.begin() as tx:
            disable_account(tx, person["name"], now=now)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of the demo's pages while the pictures are taken."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    config = uvicorn.Config(web_app(settings), host="127.0.0.1", port=port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, with one font for all machines."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        fonts = Path(folder) / "fonts.conf"
        fonts.write_text(FONTS, encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(FLAGS), env={**os.environ, "FONTCONFIG_FILE": str(fonts)}
        )
        yield browser
        browser.close()


def take(browser: Browser, address: str, secret: str, name: str) -> int:
    """One picture; its size in bytes."""
    path, width, height, scheme = PICTURES[name]
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": height or 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.add_cookies([{"name": "ews", "value": secret, "url": address}])
    page = context.new_page()
    page.goto(path)
    content = page.screenshot(path=FOLDER / f"{name}.png", full_page=not height)
    context.close()
    if len(content) > MOST_BYTES:
        raise UsageError(f"{name}.png has {len(content):,} bytes.", f"At most {MOST_BYTES:,} are kept.")
    return len(content)


if __name__ == "__main__":
    try:
        main()
    except UsageError as problem:
        print(problem, file=sys.stderr)
        sys.exit(problem.exit_code)
