"""One condition of a gate: whether it is met, and the numbers in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gate:
    """``told`` holds the numbers, whether it passed or not."""

    name: str
    passed: bool
    told: str

    def line(self) -> str:
        """For a person at the terminal."""
        return f"  {'passed' if self.passed else 'FAILED'}  {self.told}"
