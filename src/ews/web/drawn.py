"""A chart on paper: defined with Vega-Altair, drawn on this server by vl-convert, as SVG inside the page.

Each kind of chart is defined and compiled once (a few dozen milliseconds) and kept; a student's weeks are
then filled in and drawn in a few. Nothing of it is a script, and nothing is fetched: colours and letters
come from the page's own style sheet by the names of the marks, so that dark pages and print are drawn by
the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ews.web.charts import Series, contact_step, steps, stretches, term_steps, typical_range
from ews.web.words import day

if TYPE_CHECKING:
    import altair as alt

TOP, BOTTOM, RIGHT = 24, 24, 14
OUT_OF_FOUR = 4.5  # scales up to here are told with a decimal
LABEL_ROOM = 0.15  # of the scale, between a point and the label under it
FONT = "Noto Sans, Liberation Sans, sans-serif"  # on paper; the page has its own
LETTER = 7.0  # the width of a letter at 12 pixels, about
BAR_LABELS, BAR_ROOM, BAR_WIDTH, BAR_DEPTH = 180, 96, 336, 20
KINDS_KEPT, DRAWN_KEPT = 128, 1024


@dataclass(frozen=True)
class Ink:
    """The colours of the layers; a page's own style sheet has the last word on the screen."""

    judged: str
    text: str
    term: str
    grid: str
    typical: str
    paper: str = "#ffffff"


SCREEN = Ink(judged="#0072b2", text="#1a2026", term="#737f8a", grid="#d8dde2", typical="#e3e8ec")
PRINT = Ink(judged="#000000", text="#000000", term="#555555", grid="#aaaaaa", typical="#dddddd")

Rows = Sequence[Mapping[str, Any]]
Frozen = tuple[tuple[str, tuple[tuple[tuple[str, Any], ...], ...]], ...]


@dataclass(frozen=True)
class Shape:
    """What charts of a kind share, and what is compiled once: the scale, the room, how values are shown.

    ``layers`` are those that have something to show: a layer without a row would be drawn for nothing.
    """

    width: int
    depth: int
    left: int
    bounds: tuple[float, float]
    falling: bool
    shown_as: str
    layers: frozenset[str] = frozenset({"scale"})
    ink: Ink = SCREEN


def drawing(series: Series, width: int, *, place: str, ink: Ink = SCREEN) -> Markup:
    """``series`` as SVG, ``width`` units wide; ``place`` is the class under which the page shows it."""
    left = 12 + round(LETTER * max((len(label) for _, label in series.marks), default=0))
    across = steps(series.weeks)
    shape = Shape(
        width=width,
        depth=series.depth,
        left=left,
        bounds=series.bounds,
        falling=series.falling,
        shown_as=series.shown_as,
        ink=ink,
    )
    rows = {name: some for name, some in rows_of(series, shape, across).items() if some}
    shape = replace(shape, layers=frozenset(rows))
    drawn = inked(shape, picture, frozen(rows))
    return opened(drawn, place, f"{series.title}; the table below has every week")


def rows_of(series: Series, shape: Shape, across: Sequence[float]) -> dict[str, Rows]:
    """The rows of each layer, by its name."""
    values = [None if week.value is None else series.within(week.value) for week in series.weeks]
    judged = [None if value is None else series.within(value) for value in series.judged]
    weeks = list(zip(across, values, judged, stretches(series.weeks), strict=True))
    typical, contact = typical_range(series), contact_step(series)
    return {
        "typical": [{"low": typical[0], "high": typical[1]}] if typical else [],
        "scale": [{"at": at, "label": label} for at, label in series.marks],
        "terms": labelled(term_steps(series), shape),
        "judged": [
            {"step": step, "value": mean, "stretch": stretch}
            for step, _, mean, stretch in weeks
            if mean is not None
        ],
        "weeks": [
            {"step": step, "value": value}
            for step, value, _, _ in weeks
            if value is not None and shows(series, value)
        ],
        "last": newest(series, across),
        "contact": [{"step": contact[0], "value": contact[1], "label": contact[2]}] if contact else [],
        "first": [{"label": day(series.weeks[0].starts_on)}] if series.weeks else [],
        "end": [{"label": f"week of {day(series.weeks[-1].starts_on)}"}] if series.weeks else [],
        "none": [{"label": series.none}] if series.none and not any(values) else [],
    }


def newest(series: Series, across: Sequence[float]) -> list[dict[str, Any]]:
    """The newest value of a line, its label on the side that the line does not come from."""
    known = [
        (step, series.within(week.value))
        for step, week in zip(across, series.weeks, strict=True)
        if week.value is not None
    ]
    if series.shown_as != "line" or not known:
        return []
    step, value = known[-1]
    low, high = series.bounds
    rises = len(known) > 1 and value > known[-2][1]
    room = LABEL_ROOM * (high - low)
    beside = value + room / 3 if rises or value - room < low else value - room
    label = f"{value:.0f}" if high > OUT_OF_FOUR else f"{value:.1f}"
    return [{"step": step, "value": value, "beside": beside, "label": label}]


def shows(series: Series, value: float) -> bool:
    """Whether a single week is drawn: a circle beside the line of averages, a square where there was one."""
    return series.shown_as == "averages" or (series.shown_as == "events" and value > 0)


def labelled(terms: Sequence[tuple[float, str]], shape: Shape) -> list[dict[str, Any]]:
    """The terms, each with its label only where it does not touch the one before it or the paper's edge."""
    room = shape.width - shape.left - RIGHT
    free, found = 0.0, []
    for step, label in terms:
        begins = room * step + 4
        reach = begins + LETTER * len(label)
        fits = begins >= free and reach <= room + RIGHT
        free = reach + 6 if fits else free
        found.append({"step": step, "label": label if fits else ""})
    return found


# ---- the definition ----------------------------------------------------------------------------------


@lru_cache(maxsize=KINDS_KEPT)
def compiled(shape: Any, defined: Callable[[Any], alt.LayerChart]) -> dict[str, Any]:
    """The chart that is ``defined`` for ``shape`` as Vega, without a row in it."""
    import vl_convert

    return dict(vl_convert.vegalite_to_vega(defined(shape).to_dict()))


def picture(shape: Shape) -> alt.LayerChart:
    """The chart of ``shape``, in Vega-Altair: its layers from the ground up."""
    import altair as alt

    room = shape.width - shape.left - RIGHT
    ink, (low, high) = shape.ink, shape.bounds
    across = alt.X("step:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    domain = [high, low] if shape.falling else [low, high]
    up = alt.Y("value:Q", axis=None, scale=alt.Scale(domain=domain, nice=False, zero=False))

    def layer(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name=name), name=name)

    def text(name: str, of: str, **more: Any) -> alt.Chart:
        chart = alt.Chart(alt.NamedData(name=of), name=f"{name}-text")
        looks: dict[str, Any] = {
            "color": ink.text,
            "font": FONT,
            "fontSize": 12,
            "baseline": "alphabetic",
            "aria": False,
        }
        return chart.mark_text(**(looks | more)).encode(text="label:N")

    typical = (
        layer("typical")
        .mark_rect(color=ink.typical, aria=False)
        .encode(y=alt.Y("low:Q", axis=None), y2="high:Q")
    )
    grid = layer("scale").mark_rule(color=ink.grid, aria=False).encode(y=alt.Y("at:Q", axis=None))
    terms = layer("terms").mark_rule(color=ink.term, strokeDash=[2, 3], aria=False)
    judged = layer("judged").mark_line(
        color=ink.judged, strokeWidth=2.25, strokeCap="round", strokeJoin="round", aria=False
    )
    weeks = layer("weeks")
    if shape.shown_as == "events":
        weeks = weeks.mark_square(color=ink.text, size=64, opacity=1, aria=False)
    else:
        weeks = weeks.mark_point(
            color=ink.judged, fill=ink.paper, size=20, strokeWidth=1.5, opacity=1, aria=False
        )
    last = layer("last").mark_circle(color=ink.judged, size=38, opacity=1, aria=False)
    leader = layer("contact").mark_rule(color=ink.text, aria=False)
    halo = {"color": ink.paper, "stroke": ink.paper, "strokeWidth": 4, "strokeJoin": "round"}
    beside, at = alt.Y("beside:Q", axis=None), alt.Y("at:Q", axis=None)
    middle = shape.depth / 2 + 4
    foot, under = shape.depth + BOTTOM - 4, alt.value(shape.depth - 6)
    layers: list[tuple[str, alt.Chart]] = [
        ("typical", typical.encode(y=alt.Y("low:Q", axis=None), y2="high:Q")),
        ("scale", grid),
        ("terms", terms.encode(x=across, y=alt.value(-TOP + 6), y2=alt.value(shape.depth + 4))),
        ("judged", judged.encode(x=across, y=up, detail="stretch:N")),
        ("weeks", weeks.encode(x=across, y=up)),
        ("last", last.encode(x=across, y=up)),
        ("contact", leader.encode(x=across, y=up, y2=alt.value(shape.depth - 14))),
        ("scale", text("scale", "scale", align="right", dx=-8, dy=4).encode(y=at, x=alt.value(0))),
        ("terms", text("terms", "terms", align="left", dx=4).encode(x=across, y=alt.value(-12))),
        ("last", text("last-halo", "last", align="right", **halo).encode(x=across, y=beside)),
        ("last", text("last", "last", align="right").encode(x=across, y=beside)),
        ("contact", text("contact-halo", "contact", align="right", dx=-4, **halo).encode(x=across, y=under)),
        ("contact", text("contact", "contact", align="right", dx=-4).encode(x=across, y=under)),
        ("none", text("none", "none", align="left").encode(x=alt.value(8), y=alt.value(middle))),
        ("first", text("first", "first", align="left").encode(x=alt.value(0), y=alt.value(foot))),
        ("end", text("end", "end", align="right").encode(x=alt.value(room), y=alt.value(foot))),
    ]
    return (
        alt.layer(*(chart for name, chart in layers if name in shape.layers))
        .properties(
            width=room,
            height=shape.depth,
            padding={"left": shape.left, "right": RIGHT, "top": TOP, "bottom": BOTTOM},
            autosize="none",
            datasets={name: [] for name in sorted(shape.layers)},
        )
        .configure(background="transparent")
        .configure_view(stroke=None)
    )


# ---- bars ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """A row: its label, how far it reaches (-1 to 1, None for a heading), and a word beside it."""

    label: str
    reach: float | None = None
    word: str = ""


def bars(rows: Sequence[Bar], title: str) -> Markup:
    """Bars to the right of a line and to the left of it, one under the other, with headings between."""
    heads = [{"at": at, "label": row.label} for at, row in enumerate(rows) if row.reach is None]
    reaching = [(at, row, row.reach) for at, row in enumerate(rows) if row.reach is not None]
    given: dict[str, Rows] = {
        "heads": heads,
        "labels": [{"at": at, "label": row.label, "word": row.word} for at, row, _ in reaching],
        "raises": [{"at": at, "reach": reach} for at, _, reach in reaching if reach > 0],
        "lowers": [{"at": at, "reach": reach} for at, _, reach in reaching if reach <= 0],
    }
    drawn = inked(len(rows), bar_picture, frozen(given))
    return opened(drawn, "bars", f"{title}; the table below says the same")


def bar_picture(rows: int) -> alt.LayerChart:
    """Room for so many ``rows``, in Vega-Altair."""
    import altair as alt

    down = alt.Y("at:Q", axis=None, scale=alt.Scale(domain=[-0.5, rows - 0.5], reverse=True, nice=False))
    across = alt.X(
        "reach:Q",
        axis=None,
        scale=alt.Scale(domain=[-1, 1], range=[BAR_LABELS, BAR_LABELS + BAR_ROOM], nice=False),
    )

    def rows_named(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name=name), name=name)

    def text(name: str, of: str, says: str, **more: Any) -> alt.Chart:
        looks: dict[str, Any] = {"color": SCREEN.text, "font": FONT, "fontSize": 12, "align": "left", "dy": 4}
        chart = alt.Chart(alt.NamedData(name=of), name=f"{name}-text")
        return chart.mark_text(baseline="alphabetic", aria=False, **(looks | more)).encode(y=down, text=says)

    middle = BAR_LABELS + BAR_ROOM / 2
    zero = rows_named("labels").mark_rule(color=SCREEN.term, aria=False)
    look: dict[str, Any] = {"size": 10, "aria": False, "orient": "horizontal"}
    layers = [
        rows_named("raises").mark_bar(color=SCREEN.text, **look).encode(x=across, y=down),
        rows_named("lowers")
        .mark_bar(color=SCREEN.paper, stroke=SCREEN.judged, strokeWidth=1.5, **look)
        .encode(x=across, y=down),
        zero.transform_calculate(top="datum.at - 0.5", under="datum.at + 0.5").encode(
            x=alt.value(middle), y=alt.Y("top:Q", axis=None), y2="under:Q"
        ),
        text("heads", "heads", "label:N", fontWeight=600).encode(x=alt.value(0)),
        text("labels", "labels", "label:N").encode(x=alt.value(0)),
        text("words", "labels", "word:N").encode(x=alt.value(BAR_LABELS + BAR_ROOM + 8)),
    ]
    return (
        alt.layer(*layers)
        .properties(
            width=BAR_WIDTH,
            height=BAR_DEPTH * rows,
            padding=2,
            autosize="none",
            datasets={name: [] for name in ("heads", "labels", "raises", "lowers")},
        )
        .configure(background="transparent")
        .configure_view(stroke=None)
    )


# ---- ink -----------------------------------------------------------------------------------------------


def frozen(rows: Mapping[str, Rows]) -> Frozen:
    """``rows`` as something that a drawing can be kept under."""
    return tuple((name, tuple(tuple(row.items()) for row in some)) for name, some in rows.items())


@lru_cache(maxsize=DRAWN_KEPT)
def inked(shape: Any, defined: Callable[[Any], alt.LayerChart], rows: Frozen) -> str:
    """The chart that is ``defined`` for ``shape``, with ``rows``, as SVG in as few letters as it needs."""
    import vl_convert

    given = {name: [dict(row) for row in some] for name, some in rows}
    vega = compiled(shape, defined)
    data = [{**one, "values": given[one["name"]]} if one["name"] in given else one for one in vega["data"]]
    return small(vl_convert.vega_to_svg({**vega, "data": data}))


CIRCLE = re.compile(
    r'<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="M([\d.]+),0A[^"]*"((?: [a-z-]+="[^"]*")*)/>'
)
EMPTY = re.compile(r'<path class="(?:back|fore)ground"[^>]*/>')
TENTHS = re.compile(r"(\d\.\d)\d+")
NOT_NEEDED = re.compile(
    r' (?:aria-[a-z]+|role|pointer-events|xmlns:xlink|version|opacity|font-family)="[^"]*"'
)


def small(svg: str) -> str:
    """``svg`` without what only a script or nobody looks at; circles as circles."""
    svg = NOT_NEEDED.sub("", EMPTY.sub("", svg))
    return TENTHS.sub(r"\1", CIRCLE.sub(r'<circle cx="\1" cy="\2" r="\3"\4/>', svg))


def opened(svg: str, place: str, said: str) -> Markup:
    """``svg`` as it stands in a page: named for the style sheet, told to who cannot see it."""
    box = re.search(r'viewBox="([^"]*)"', svg)
    corners = box[1] if box else "0 0 0 0"
    _, _, width, height = corners.split()
    head = Markup('<svg class="{}" width="{}" height="{}" viewBox="{}" role="img" aria-label="{}">')
    return head.format(place, width, height, corners, said) + Markup(svg[svg.index(">") + 1 :])
