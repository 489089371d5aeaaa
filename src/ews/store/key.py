"""The key of the ledger's chain. It lives outside the database: who can write there cannot seal."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ews.errors import OurFault, UsageError
from ews.settings import Settings


def key_file(settings: Settings) -> Path:
    """Where the key is kept when no setting carries it."""
    return settings.home / "ledger.key"


def ledger_key(settings: Settings, *, may_make: bool) -> bytes:
    """The 32 bytes of the key: from EWS_LEDGER_KEY, else its file, else (``may_make``) newly made.

    OurFault when the ledger has entries but its key is gone: a new key would hide that.
    """
    if settings.ledger_key:
        return _decoded(settings.ledger_key, "EWS_LEDGER_KEY")
    path = key_file(settings)
    if not path.exists():
        if not may_make:
            raise OurFault(f"The ledger's key {path} is missing.", "Restore it from its backup.")
        _write_new(path)
    return _decoded(path.read_text(encoding="ascii", errors="replace").strip(), str(path))


def _decoded(text: str, where: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise UsageError(f"{where} does not hold a ledger key.", "A key is 64 hex digits.")
    return key


def _write_new(path: Path) -> None:
    """A new key, whole or not at all; when another process was first, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
