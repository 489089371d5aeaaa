"""The files in a zip, taken out in memory under limits: no bomb, no path that leads elsewhere, no link."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ews.records.problems import Problem

UNPACKED_BYTES = 4_000_000_000
RATIO = 250
MEMBERS = 1000


def zip_problems(path: Path) -> list[Problem]:
    """Why the zip is not opened; empty when it is safe to."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _problems(path.name, archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        return [Problem(path.name, None, None, None, "This is not a whole zip file.", "Send it again.")]


def _problems(name: str, members: list[zipfile.ZipInfo]) -> list[Problem]:
    def problem(found: str, fix: str, member: str | None = None) -> Problem:
        return Problem(name, None, None, member, found, fix)

    problems = []
    if len(members) > MEMBERS or sum(member.file_size for member in members) > UNPACKED_BYTES:
        problems.append(problem("The zip unpacks to too much.", "Send the files in a folder."))
    for member in members:
        parts = PurePosixPath(member.filename.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or ":" in member.filename:
            problems.append(problem("A path that leads out of the zip.", "Zip plain files.", member.filename))
        if stat.S_ISLNK(member.external_attr >> 16):
            problems.append(problem("A link in the zip.", "Zip the files themselves.", member.filename))
        if member.flag_bits & 1:
            problems.append(
                problem("An encrypted file in the zip.", "Send it without a password.", member.filename)
            )
        if member.file_size > 10_000_000 and member.file_size > RATIO * max(member.compress_size, 1):
            problems.append(
                problem("A file that unpacks to far more than it is.", "Send it unpacked.", member.filename)
            )
    return problems


def members(path: Path) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each file of a zip that has no :func:`zip_problems`; the declared size binds."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            name = PurePosixPath(member.filename).name
            if member.is_dir() or name.startswith(".") or "__MACOSX" in member.filename:
                continue
            with archive.open(member) as file:
                yield name, file.read(member.file_size + 1)[: member.file_size]
