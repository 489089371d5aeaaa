"""Secrets that machines and people carry: how they are made, and what of them is stored."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters or figures that are mistaken for each other


def new_token() -> str:
    """256 random bits, to be shown once and stored hashed."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is stored of a token of 256 random bits: one SHA-256, since nobody can guess such a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def one_time_password() -> str:
    """Three groups of four letters and figures (59 bits), easy to read out and to type."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
