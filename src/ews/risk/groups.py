"""Who belongs to which group, on each day: the only door to race and ethnicity.

Features never see any of this; the audit joins it to what a model said, after the model has said it. A
dimension parts all rows: everyone is in exactly one of its groups, if only in "not on record".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ews.school_year import end_of_day

if TYPE_CHECKING:
    from ews.records.lake import Records

UNKNOWN = "unknown"
NOT_ON_RECORD = "Not on record"
RACES = {
    "am_ind": "American Indian or Alaska Native",
    "asian": "Asian",
    "black": "Black or African American",
    "hispanic": "Hispanic or Latino",
    "pac_isl": "Native Hawaiian or Pacific Islander",
    "white": "White",
    "two_plus": "Two or more races",
}
GENDERS = {"f": "Girls", "m": "Boys", "x": "Nonbinary"}
STAGES = {
    "never_el": "Never an English learner",
    "newcomer": "Newcomer: in US schools under 12 months",
    "el": "English learner",
    "long_term": "Long-term English learner",
    "rfep": "Reclassified as fluent",
}
LEARNERS = ("newcomer", "el", "long_term")
LEARNER = {"yes": "English learner now", "no": "Not an English learner now"}
PROGRAMS = {
    "disability": ("Disability", ("sped",)),
    "socio_economic": ("Socio-economic", ("frpm_free", "frpm_reduced")),
    "foster": ("Foster care", ("foster",)),
    "homeless": ("Homeless", ("homeless",)),
}
BANDS = {"tk_5": ("Grades TK to 5", range(-1, 6)), "6_8": ("Grades 6 to 8", range(6, 9))}
LAST_BAND = ("9_12", "Grades 9 to 12")
CROSSED = (("race", "learner"), ("race", "gender"), ("race", "disability"))
DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Dimension:
    """One way of parting rows. ``place`` (n,) says in which of ``groups`` (code, title) each row is.

    ``parents`` are the two dimensions that an intersection crosses. A dimension that is not ``shown``
    only serves to be crossed.
    """

    name: str
    title: str
    groups: tuple[tuple[str, str], ...]
    place: np.ndarray
    parents: tuple[str, ...] = ()
    shown: bool = True

    def of(self, code: str) -> np.ndarray:
        """(n,) which rows are in the group ``code``."""
        return np.asarray(self.place == [known for known, _ in self.groups].index(code))

    def take(self, rows: np.ndarray) -> Dimension:
        """The same for some of the rows (booleans or positions)."""
        return Dimension(self.name, self.title, self.groups, self.place[rows], self.parents, self.shown)


@dataclass(frozen=True)
class Groups:
    """The dimensions of some rows; ``not_recorded`` are titles of those the records do not hold."""

    dimensions: tuple[Dimension, ...]
    not_recorded: tuple[str, ...] = ()

    def take(self, rows: np.ndarray) -> Groups:
        """The same for some of the rows."""
        return Groups(tuple(dimension.take(rows) for dimension in self.dimensions), self.not_recorded)


def groups_of_rows(records: Records, rows: pd.DataFrame, known_by: date, long_term: pd.DataFrame) -> Groups:
    """The groups of ``rows`` (student_id, as_of, grade_level), each on its own day.

    Race, gender, English-learner status and programs as the records tell them by ``known_by``; ``long_term``:
    student_id and as_of of the long-term learners (``ews.features.english_learners``), as was known that day.
    """
    rows = rows.reset_index(drop=True)
    found = [*of_students(records, rows, known_by), of_stages(records, rows, known_by, long_term)]
    found += of_programs(records, rows, known_by)
    if "course_day" not in rows.columns:
        found.append(of_bands(rows))
    told = [dimension for dimension in found if isinstance(dimension, Dimension)]
    missing = tuple(title for title in found if isinstance(title, str))
    by_name = {dimension.name: dimension for dimension in told}
    if "english" in by_name:
        by_name["learner"] = learner_now(by_name["english"])
        told.append(by_name["learner"])
    crosses = [(one, other) for one, other in CROSSED if one in by_name and other in by_name]
    told += [crossed(by_name[one], by_name[other]) for one, other in crosses]
    return Groups(tuple(told), missing)


def parted(name: str, title: str, titles: dict[str, str], values: np.ndarray) -> Dimension | str:
    """The dimension of ``values`` (n,) of codes; only its title where no row has a known one."""
    codes = [code for code in titles if (values == code).any()]
    if not codes:
        return title
    known = np.isin(values, codes)
    if not known.all():
        codes.append(UNKNOWN)
    order = {code: place for place, code in enumerate(codes)}
    place = np.array([order[code] for code in np.where(known, values, UNKNOWN)], dtype=int)
    return Dimension(name, title, tuple((code, titles.get(code, NOT_ON_RECORD)) for code in codes), place)


def standing(records: Records, name: str, columns: Sequence[str], known_by: date) -> pd.DataFrame:
    """The rows of a table as they stood by the end of ``known_by``."""
    if not records.has(name):
        return pd.DataFrame({column: [] for column in columns}, dtype=object)
    end = end_of_day(known_by, records.timezone)
    table = records.table(name)
    known = table.filter(table.known_at < end, table.superseded_at.isnull() | (table.superseded_at >= end))
    return known.select(*columns).to_pyarrow().to_pandas(date_as_object=False)


def of_students(records: Records, rows: pd.DataFrame, known_by: date) -> list[Dimension | str]:
    """Race and ethnicity, and gender, from the students' own table."""
    columns = ["student_id", "race_ethnicity", "sex"]
    known = standing(records, "students", columns, known_by).drop_duplicates("student_id")
    own = rows[["student_id"]].merge(known, on="student_id", how="left")
    race, sex = (own[name].astype(object).fillna(UNKNOWN).to_numpy() for name in columns[1:])
    return [parted("race", "Race and ethnicity", RACES, race), parted("gender", "Gender", GENDERS, sex)]


def of_stages(
    records: Records, rows: pd.DataFrame, known_by: date, long_term: pd.DataFrame
) -> Dimension | str:
    """Each row's stage as an English learner on its own day; ``long_term`` as in ``groups_of_rows``."""
    columns = ["student_id", "start_date", "end_date", "elas", "first_us_school_date"]
    status = standing(records, "el_status", columns, known_by)
    if status.empty:
        return "English learners"
    day = pd.DataFrame({"student_id": rows["student_id"], "row": np.arange(len(rows)), "day": days_of(rows)})
    open_then = day.merge(status, on="student_id")
    began = open_then["start_date"] <= open_then["day"]
    ended = open_then["end_date"] < open_then["day"]
    then = open_then[began & ~ended].sort_values(["row", "start_date"]).drop_duplicates("row", keep="last")
    own = day.merge(then[["row", "elas", "first_us_school_date"]], on="row", how="left")
    here = (own["day"] - own["first_us_school_date"]).dt.days / DAYS_A_YEAR
    long = pd.MultiIndex.from_arrays([own["student_id"], own["day"]]).isin(
        pd.MultiIndex.from_arrays([long_term["student_id"], days_of(long_term)])
    )
    values = stages(own["elas"], here, long)
    return parted("english", "English learners by stage", STAGES, values)


def stages(elas: pd.Series, in_country: pd.Series, long_term: np.ndarray) -> np.ndarray:
    """(n,) the stage by status, years since the first US school, and who is long-term."""
    learner = (elas == "EL").to_numpy()
    new = learner & (in_country < 1).to_numpy()
    fluent = elas.isin(["EO", "IFEP"]).to_numpy()
    return np.select(
        [new, learner & long_term, learner, (elas == "RFEP").to_numpy(), fluent],
        ["newcomer", "long_term", "el", "rfep", "never_el"],
        UNKNOWN,
    ).astype(object)


def learner_now(english: Dimension) -> Dimension:
    """Whether a student is a learner on that day, for intersections."""
    codes = [code for code, _ in english.groups]
    answer = {code: "yes" if code in LEARNERS else UNKNOWN if code == UNKNOWN else "no" for code in codes}
    values = np.array([answer[code] for code in codes], dtype=object)[english.place]
    found = parted("learner", "English learner now", LEARNER, values)
    assert isinstance(found, Dimension)
    return Dimension(found.name, found.title, found.groups, found.place, shown=False)


def of_programs(records: Records, rows: pd.DataFrame, known_by: date) -> list[Dimension | str]:
    """Disability, socio-economic, foster and homeless: in a program on that day, or not."""
    columns = ["student_id", "program", "begin_date", "end_date"]
    table = standing(records, "programs", columns, known_by)
    day = pd.DataFrame({"student_id": rows["student_id"], "row": np.arange(len(rows)), "day": days_of(rows)})
    found: list[Dimension | str] = []
    for name, (title, programs) in PROGRAMS.items():
        own = table[table["program"].isin(programs)]
        if own.empty:
            found.append(title)
            continue
        open_then = day.merge(own, on="student_id")
        in_it = (open_then["begin_date"] <= open_then["day"]) & ~(open_then["end_date"] < open_then["day"])
        inside = np.isin(day["row"], open_then.loc[in_it, "row"])
        values = np.where(inside, "yes", "no").astype(object)
        found.append(parted(name, title, {"yes": f"{title}: yes", "no": f"{title}: no"}, values))
    return found


def of_bands(rows: pd.DataFrame) -> Dimension | str:
    """The grade band."""
    grade = rows["grade_level"].to_numpy(dtype=int)
    values = np.full(len(rows), LAST_BAND[0], dtype=object)
    for code, (_, grades) in BANDS.items():
        values[np.isin(grade, list(grades))] = code
    titles = {code: title for code, (title, _) in BANDS.items()} | dict([LAST_BAND])
    return parted("grade_band", "Grade band", titles, values)


def days_of(rows: pd.DataFrame) -> pd.Series:
    """Each row's day as pandas compares it."""
    return pd.to_datetime(rows["as_of"]).astype("datetime64[ns]")


def crossed(one: Dimension, other: Dimension) -> Dimension:
    """The intersection of two dimensions, of pairs that occur and are on record in both."""
    width = len(other.groups)
    pairs = one.place * width + other.place
    present, place = np.unique(pairs, return_inverse=True)
    groups = tuple(
        (
            f"{one.groups[pair // width][0]}*{other.groups[pair % width][0]}",
            f"{one.groups[pair // width][1]}, {other.groups[pair % width][1].lower()}",
        )
        for pair in present
    )
    title = f"{one.title} by {other.title.lower()}"
    return Dimension(f"{one.name}*{other.name}", title, groups, place, (one.name, other.name))
