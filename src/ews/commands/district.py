"""The made-up district, and the demo that stands on it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ews.commands.terminal import day, now, progress, say
from ews.settings import read_settings

commands = typer.Typer()
district_app = typer.Typer(help="The made-up district, for trying and testing.", no_args_is_help=True)


class Size(StrEnum):
    """How large a made-up district is: 400, 5,000 or 12,000 students."""

    tiny = "tiny"
    demo = "demo"
    district = "district"


World = partial(typer.Option, rich_help_panel="What is true of it")


@commands.command()
def demo(port: Annotated[int, typer.Option(help="Where the pages are served.")] = 3000) -> None:
    """A made-up district, loaded, trained, promoted, scored and served: the whole way in one command."""
    from ews.demo import run_demo

    run_demo(read_settings(), port=port, now=now, say=say)


@district_app.command("make")
def district_make(
    out: Annotated[Path, typer.Option(help="Where the drop is written.")],
    size: Annotated[Size, typer.Option(help="How large.")] = Size.tiny,
    students: Annotated[int | None, typer.Option(help="Another number of students.")] = None,
    years: Annotated[int | None, typer.Option(help="Another number of school years.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same district.")] = 1,
    until: Annotated[
        date | None, typer.Option(parser=day, metavar="DATE", help="Only what was known by then.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="Where its hidden truth is written, apart.")] = None,
    recording_bias: Annotated[
        float | None, World(help="Times likelier some students are written up; 1 is none.")
    ] = None,
    excusing_bias: Annotated[
        float | None, World(help="Times less often their absences are excused; 1 is none.")
    ] = None,
    biased_schools: Annotated[float | None, World(help="Share of schools with these biases.")] = None,
    pandemic_year: Annotated[int | None, World(help="School year of quarantines: 2025 is 2024-25.")] = None,
    no_suspensions_from: Annotated[
        date | None, World(parser=day, metavar="DATE", help="From then suspensions are rare.")
    ] = None,
    independent_study_from: Annotated[
        date | None, World(parser=day, metavar="DATE", help="From then half of ill days do not count.")
    ] = None,
    school_spread: Annotated[float | None, World(help="How much schools differ, in log-odds.")] = None,
    interactions: Annotated[float | None, World(help="How much signs depend on each other, 0 to 1.")] = None,
    list_week: Annotated[
        list[int] | None, World(help="School week whose list counselors act on; may be given again.")
    ] = None,
    places: Annotated[float | None, World(help="Share of a caseload they can support at once.")] = None,
    discretion: Annotated[float | None, World(help="How far they go by their own eyes, 0 to 1.")] = None,
    strength: Annotated[float | None, World(help="Times the programs' effects are as large.")] = None,
    lives: Annotated[int | None, World(help="Untreated lives lived for the truth about risk.")] = None,
) -> None:
    """A made-up district in the contract's CSV, its hidden truth apart."""
    from ews.district.make import make_district
    from ews.district.world import chosen_world

    world = chosen_world(
        recording_bias=recording_bias,
        excusing_bias=excusing_bias,
        biased_schools=biased_schools,
        pandemic_year=pandemic_year,
        no_suspensions_from=no_suspensions_from,
        independent_study_from=independent_study_from,
        school_spread=school_spread,
        interactions=interactions,
        list_weeks=tuple(list_week or ()) or None,
        places=places,
        discretion=discretion,
        strength=strength,
        lives=lives,
    )
    with progress("Making a district"):
        make_district(
            out,
            size.value,
            students=students,
            years=years,
            seed=seed,
            world=world,
            truth=truth,
            until=until,
        )
    say(f"Made-up district ({size.value}, seed {seed}) in {out}")
