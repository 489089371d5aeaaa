"""What incidents were written up, and what followed? Discipline is an adult's decision, so schools differ.

In some schools staff write up Black and Hispanic students more often for the same conduct, whatever its
severity. That recording bias is part of the truth, told nowhere in the records.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.attendance import instants
from ews.district.attending import Attending
from ews.district.engagement import by_day
from ews.district.recording import recorded_otherwise
from ews.district.sizes import Size
from ews.district.streams import Array, chosen, stream
from ews.district.students import Students
from ews.district.world import World

INCIDENT_DAY = np.log(0.00070)
BY_GRADE = np.array([-1.2, -1.1, -0.9, -0.8, -0.6, -0.3, 0.25, 0.55, 0.55, 0.40, 0.25, 0.0, -0.25])
FROM_ENGAGEMENT, FROM_CONDUCT = 0.55, 1.05
MAJOR = 3
SEVERITY = {1: 0.60, 2: 0.27, 3: 0.13}
CODES = {
    1: (("defiance", None), ("disruption", None), ("tardy_sweep", None), ("phone", None)),
    2: (("fighting_no_injury", "48900(a)(1)"), ("profanity", "48900(i)"), ("bullying", "48900(r)")),
    3: (
        ("fighting", "48900(a)(1)"),
        ("vaping", "48900(c)"),
        ("threat", "48900(a)(1)"),
        ("vandalism", "48900(f)"),
    ),
}
ACTIONS = {
    1: {"conference": 0.50, "detention": 0.28, "none": 0.14, "class_removal": 0.08},
    2: {"restorative": 0.40, "detention": 0.32, "iss": 0.16, "oss": 0.12},
    3: {"oss": 0.58, "restorative": 0.22, "iss": 0.20},
}
LOCATIONS = ("classroom", "hallway", "cafeteria", "yard", "gym", "bus")


@dataclass
class Behavior:
    """One year's incidents: who (row of Attending), on which day, how severe, what followed."""

    row: Array
    day: Array
    severity: Array
    action: Array
    length: Array  # days of suspension, 0 for none
    out: Array  # n x 180: days suspended out of school


def behavior(
    seed: int, size: Size, students: Students, year: Attending, latent: Array, world: World
) -> Behavior:
    """Incidents of one year from disengagement and conduct, and the staff's answers."""
    rng = stream(seed, "behavior", year.calendar.year)
    rate = INCIDENT_DAY + BY_GRADE[year.grade] + FROM_CONDUCT * students.conduct[year.student]
    rate = rate + 0.35 * (students.sex[year.student] == "m")
    quiet = students.cast[year.student] >= 0
    chance = np.exp(np.minimum(rate[:, None] + FROM_ENGAGEMENT * by_day(latent, year), -1.5))
    otherwise = recorded_otherwise(seed, size, world, students, year)
    seen = np.where(otherwise, world.recording_bias, 1.0)
    happens = (rng.random(year.shape) < chance * seen) & year.expected & ~quiet[:, None]
    row, day = np.nonzero(happens)
    severity = chosen(rng, tuple(SEVERITY), tuple(SEVERITY.values()), len(row)).astype(int)
    action = under_policy(seed, year, day, severity, answers(rng, severity, year.grade[row]), world)
    length = np.where(action == "oss", rng.integers(1, 6, len(row)), np.where(action == "iss", 1, 0))
    return Behavior(row, day, severity, action, length, days_out(year, row, day, action, length))


def answers(rng: np.random.Generator, severity: Array, grade: Array) -> Array:
    """What the staff did after each incident; no young child is suspended for a minor matter."""
    action = np.empty(len(severity), dtype=object)
    for level, shares in ACTIONS.items():
        mine = severity == level
        action[mine] = chosen(rng, tuple(shares), tuple(shares.values()), int(mine.sum()))
    action[(grade <= 3) & (action == "oss")] = "conference"
    return action


def under_policy(
    seed: int, year: Attending, day: Array, severity: Array, action: Array, world: World
) -> Array:
    """The answers once suspensions are to be rare: a talk instead, but for half of the serious matters."""
    if world.no_suspensions_from is None:
        return action
    rng = stream(seed, "policy on suspensions", year.calendar.year)
    since = year.calendar.days[day] >= np.datetime64(world.no_suspensions_from)
    spared = (severity < MAJOR) | (rng.random(len(day)) < 0.5)
    return np.where(since & spared & np.isin(action, ["oss", "iss"]), "restorative", action)


def days_out(year: Attending, row: Array, day: Array, action: Array, length: Array) -> Array:
    """The school days each suspension took, from the day after the incident."""
    out = np.zeros(year.shape, dtype=bool)
    for offset in range(1, 6):
        on = (action == "oss") & (length >= offset) & (day + offset < year.shape[1])
        out[row[on], day[on] + offset] = True
    return out & year.expected


def behavior_tables(
    seed: int, size: Size, students: Students, year: Attending, what: Behavior
) -> dict[str, pa.Table]:
    """The tables ``incidents``, ``student_incidents`` and ``discipline_actions`` of one year."""
    rng = stream(seed, "incident clerk", year.calendar.year)
    n = len(what.row)
    incident = np.array([f"I{year.calendar.year}-{i:05d}" for i in range(n)], dtype=object)
    date = year.calendar.days[what.day]
    school = np.array([s.org_id for s in size.schools], dtype=object)[year.school[what.row, what.day]]
    recorded = instants(date, chosen(rng, (0, 1, 2, 3, 12), (0.55, 0.25, 0.12, 0.06, 0.02), n).astype(int))
    return {
        "incidents": pa.table(
            {
                "incident_id": incident,
                "school_id": school,
                "occurred_on": date,
                "location": chosen(rng, LOCATIONS, np.ones(len(LOCATIONS)), n),
                "recorded_at": recorded,
            }
        ),
        "student_incidents": involved(rng, students, year, what, incident, recorded),
        "discipline_actions": actions(students, year, what, incident, recorded),
    }


def involved(
    rng: np.random.Generator,
    students: Students,
    year: Attending,
    what: Behavior,
    incident: Array,
    recorded: Array,
) -> pa.Table:
    """Who took part: the one written up, and in a quarter of the cases another student of the school."""
    codes = [CODES[s][int(i)] for s, i in zip(what.severity, rng.integers(0, 3, len(what.row)), strict=True)]
    code = np.array([c for c, _ in codes], dtype=object)
    law = np.array([e for _, e in codes], dtype=object)
    also = np.nonzero(rng.random(len(what.row)) < 0.25)[0]
    neighbour = classmate(rng, year, what, also, students.cast[year.student] >= 0)
    also, neighbour = also[neighbour >= 0], neighbour[neighbour >= 0]
    return pa.table(
        {
            "incident_id": np.concatenate([incident, incident[also]]),
            "student_id": students.student_id[year.student[np.concatenate([what.row, neighbour])]],
            "behavior_code": np.concatenate([code, code[also]]),
            "role": np.array(["offender"] * len(what.row) + ["other"] * len(also), dtype=object),
            "severity": np.concatenate([what.severity, what.severity[also]]),
            "ec_code": np.concatenate([law, law[also]]),
            "recorded_at": np.concatenate([recorded, recorded[also]]),
        }
    )


def classmate(
    rng: np.random.Generator, year: Attending, what: Behavior, which: Array, spared: Array
) -> Array:
    """Another student at the same school that day, or -1 where the draw found none."""
    draw = rng.integers(0, year.shape[0], len(which))
    day = what.day[which]
    same = year.school[draw, day] == year.school[what.row[which], day]
    return np.where(same & (draw != what.row[which]) & ~spared[draw], draw, -1)


def actions(
    students: Students, year: Attending, what: Behavior, incident: Array, recorded: Array
) -> pa.Table:
    """The table ``discipline_actions``: one a write-up, suspensions with their days."""
    start = year.calendar.days[np.minimum(what.day + 1, year.shape[1] - 1)]
    end = year.calendar.days[np.minimum(what.day + np.maximum(what.length, 1), year.shape[1] - 1)]
    length = what.length.astype(float)
    return pa.table(
        {
            "action_id": np.array([f"A{i[1:]}" for i in incident], dtype=object),
            "student_id": students.student_id[year.student[what.row]],
            "incident_id": incident,
            "action": what.action,
            "start_date": start,
            "end_date": end,
            "length_days": pa.array(length, mask=length == 0),
            "actual_days": pa.array(length, mask=length == 0),
            "recorded_at": recorded,
        }
    )
