"""Charts as inline SVG for reports: lines over a scale, and dots with their intervals.

Each is drawn twice, wide and narrow, so that words keep their size on a phone. Kinds of ink tell series
apart without colour: thick, dashed, thin, dotted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor

WIDE, NARROW = 560, 326
LINE = 16  # between two labels
LETTER = 7.2  # the width of a letter at 13 pixels, about


@dataclass(frozen=True)
class Line:
    """A series: its name, its ink, its points (x, y), and the low and high of each where there are any.

    ink: a class of the style sheet: model (thick blue), rule (dashed), plain (thin grey), chance (dotted).
    """

    name: str
    ink: str
    points: Sequence[tuple[float, float]]
    between: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Scale:
    """From ``low`` to ``high`` with ``ticks``, as ``told``; drawn from pixel ``first`` to ``last``."""

    low: float
    high: float
    ticks: Sequence[float]
    told: Callable[[float], str]
    title: str

    def at(self, value: float, first: float, last: float) -> float:
        """The pixel of a value."""
        return round(first + (value - self.low) / (self.high - self.low) * (last - first), 1)


@dataclass(frozen=True)
class Dot:
    """One value with its interval, in its ink."""

    value: float
    low: float
    high: float
    ink: str


def lines_chart(lines: Sequence[Line], across: Scale, up: Scale, *, width: int, says: str) -> str:
    """Lines with their names at their ends; ``says`` is read out in place of the drawing."""
    height = 300 if width == WIDE else 280
    names = max(len(line.name) for line in lines) * LETTER + 12
    left, right, top, bottom = 44.0, width - names, 26.0, height - 42.0
    parts = [*axis_up(up, left, right, top, bottom), *axis_across(across, left, right, bottom)]
    for line in lines:
        parts += ink_of(line, across, up, (left, right, top, bottom))
    ends = [up.at(line.points[-1][1], bottom, top) for line in lines]
    for line, y in zip(lines, spread(ends, top, bottom), strict=True):
        x = across.at(line.points[-1][0], left, right)
        parts.append(text(x + 8, y + 4, line.name, "start", "name" if line.ink == "model" else ""))
    return svg(parts, width, height, says)


def ink_of(line: Line, across: Scale, up: Scale, box: tuple[float, float, float, float]) -> list[str]:
    """One series: what lies between low and high, the line, a mark at each point."""
    left, right, top, bottom = box
    places = [(across.at(x, left, right), up.at(y, bottom, top)) for x, y in line.points]
    parts = []
    if line.between:
        there = [
            f"{x},{up.at(low, bottom, top)}" for (x, _), (low, _) in zip(places, line.between, strict=True)
        ]
        back = [
            f"{x},{up.at(high, bottom, top)}" for (x, _), (_, high) in zip(places, line.between, strict=True)
        ]
        parts.append(f'<polygon class="between" points="{" ".join([*there, *reversed(back)])}"/>')
    parts.append(f'<polyline class="line {line.ink}" points="{" ".join(f"{x},{y}" for x, y in places)}"/>')
    if line.ink in ("model", "rule") and len(places) <= 20:
        parts += [mark(x, y, line.ink) for x, y in places]
    return parts


def dots_chart(rows: Sequence[tuple[str, Sequence[Dot]]], across: Scale, *, width: int, says: str) -> str:
    """A row a name, its dots and intervals on one scale; wide with names at the side, narrow above."""
    beside = width == WIDE
    left = 12 + max(len(name) for name, _ in rows) * LETTER if beside else 8.0
    right, top = width - 16.0, 8.0
    each = [max(26, 16 * len(dots) + 10) + (0 if beside else 18) for _, dots in rows]
    bottom = top + sum(each)
    parts = axis_across(across, left, right, bottom)
    y = top
    for (name, dots), tall in zip(rows, each, strict=True):
        first = y + (0 if beside else 18)
        middle = (first + y + tall) / 2
        if beside:
            parts.append(text(left - 12, middle + 4, name, "end", "name" if leads(dots) else ""))
        else:
            parts.append(text(left, y + 14, name, "start", "name" if leads(dots) else ""))
        parts += [
            dot(one, across, left, right, middle + 16 * (place - (len(dots) - 1) / 2))
            for place, one in enumerate(dots)
        ]
        y += tall
    return svg(parts, width, int(bottom + 42), says)


def leads(dots: Sequence[Dot]) -> bool:
    """Whether the row is the model's alone."""
    return len(dots) == 1 and dots[0].ink == "model"


def dot(one: Dot, across: Scale, left: float, right: float, y: float) -> str:
    """The interval as a bar, the value as a mark."""
    x, low, high = (across.at(value, left, right) for value in (one.value, one.low, one.high))
    return f'<path class="whisker {one.ink}" d="M{low} {y}H{high}"/>{mark(x, y, one.ink)}'


def mark(x: float, y: float, ink: str) -> str:
    """A filled circle for the model, a square for the rule, an open circle for the rest."""
    if ink == "rule":
        return f'<rect class="mark rule" x="{x - 4}" y="{y - 4}" width="8" height="8"/>'
    return f'<circle class="mark {ink}" cx="{x}" cy="{y}" r="4.5"/>'


def axis_up(scale: Scale, left: float, right: float, top: float, bottom: float) -> list[str]:
    """Hairlines with their values at the left, the title above."""
    parts = [text(0, 12, scale.title, "start", "axis")]
    for tick in scale.ticks:
        y = scale.at(tick, bottom, top)
        parts += [
            f'<path class="grid" d="M{left} {y}H{right}"/>',
            text(left - 8, y + 4, scale.told(tick), "end"),
        ]
    return parts


def axis_across(scale: Scale, left: float, right: float, bottom: float) -> list[str]:
    """Values under the drawing, the title under them."""
    parts = [f'<path class="base" d="M{left} {bottom}H{right}"/>']
    for tick in scale.ticks:
        x = scale.at(tick, left, right)
        parts += [
            f'<path class="tick" d="M{x} {bottom}v4"/>',
            text(x, bottom + 18, scale.told(tick), "middle"),
        ]
    return [*parts, text(left, bottom + 36, scale.title, "start", "axis")]


def text(x: float, y: float, says: str, anchor: str, kind: str = "") -> str:
    """One label."""
    called = f' class="{kind}"' if kind else ""
    return f'<text{called} x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}">{escape(says)}</text>'


def spread(places: Sequence[float], top: float, bottom: float) -> list[float]:
    """The places, moved apart until no two labels touch, within the drawing."""
    order = sorted(range(len(places)), key=lambda each: places[each])
    found, above, below = list(places), top - 8 - LINE, bottom
    for each in order:
        above = found[each] = max(found[each], above + LINE)
    for each in reversed(order):
        found[each] = min(found[each], below)
        below = found[each] - LINE
    return found


def svg(parts: Sequence[str], width: int, height: int, says: str) -> str:
    """The drawing, with what it says for those who do not see it."""
    kind = "wide-drawing" if width == WIDE else "narrow-drawing"
    return (
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-label="{escape(says)}">{"".join(parts)}</svg>'
    )


def percents(low: float, high: float, title: str, *, signed: bool = False) -> Scale:
    """A scale of shares with about five round ticks that holds ``low`` to ``high``."""
    step = next(
        size for size in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if (high - low) / size <= 6 or size == 0.25
    )
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = [step * place for place in range(first, max(last, first + 1) + 1)]
    form = f"{'+' if signed else ''}.{int(step < 0.01)}f"
    return Scale(ticks[0], ticks[-1], ticks, lambda value: f"{100 * value:{form}}", title)
