"""What every block of features stands on: the as-of dates, the students, who was enrolled where.

Student and calendar identifiers become small whole numbers here (``student``, ``calendar``), because
engines join and group those much faster than text. They mean nothing outside one computation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import ibis

from ews.features.allowed import ALLOWED
from ews.features.calendar import days_at_each_moment, windows_of
from ews.features.cohort import enrolled_on
from ews.features.kept import kept
from ews.features.known import VERSION, Moments, at_each_moment, ever, known_between

if TYPE_CHECKING:
    from ews.records.lake import Records
    from ews.settings import Settings


@dataclass(frozen=True)
class Snapshots:
    """The ground of one computation: records, as-of dates, settings, and the students asked for."""

    records: Records
    moments: Moments
    settings: Settings
    asked: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        records: Records,
        as_of: Iterable[date],
        settings: Settings,
        students: Sequence[str] | None = None,
    ) -> Snapshots:
        """The ground for these dates; ``students`` None means everyone."""
        asked = None if students is None else tuple(sorted(set(students)))
        return cls(records, Moments.of(as_of, records.timezone), settings, asked)

    @cached_property
    def students(self) -> ibis.Table:
        """student (whole number), student_id: everyone ever enrolled, or those asked for."""
        rows = ever(self.records, "enrollments").select("student_id").distinct()
        if self.asked is not None:
            rows = rows.filter(rows.student_id.isin(self.asked))
        return kept(rows.mutate(student=ibis.row_number().over(order_by="student_id").cast("int32")))

    @cached_property
    def calendars(self) -> ibis.Table:
        """calendar (whole number), school_id, calendar_id, is_default: every school has one by default.

        A school with one calendar has that; a school with none, or with several (one a year, or tracks),
        has a calendar without a name: see ``days_at_each_moment``. The numbers do not depend on the
        moments, so that the days of one ground can be joined with those of a later one.
        """
        named = ever(self.records, "calendar_days").select("school_id", "calendar_id").distinct()
        alone = named.group_by("school_id").agg(several=named.count() > 1)
        schools = ever(self.records, "enrollments").select("school_id").distinct()
        plain = schools.anti_join(alone.filter(~alone.several), "school_id")
        every = named.union(plain.mutate(calendar_id=ibis.literal("")))
        order = ibis.row_number().over(group_by="school_id", order_by="calendar_id")
        number = ibis.row_number().over(order_by=["school_id", "calendar_id"])
        return every.select(
            "school_id", "calendar_id", is_default=order == 0, calendar=number.cast("int32")
        ).cache()

    @cached_property
    def school_days(self) -> ibis.Table:
        """The school days planned as of each moment, of its school year and the year before (cached)."""
        return kept(days_at_each_moment(self.records, self.moments, self.calendars))

    @cached_property
    def enrolled(self) -> ibis.Table:
        """Runs of primary enrollments: student, school_id, calendar, entry_date, exit_date, grade_level."""
        rows = self.known("enrollments")
        rows = rows.filter(rows.is_primary.fill_null(True))
        calendars = self.calendars
        own = calendars.select("school_id", "calendar_id", own="calendar")
        usual = calendars.filter(calendars.is_default).select("school_id", usual="calendar")
        rows = rows.left_join(own, ["school_id", "calendar_id"]).drop("school_id_right", "calendar_id_right")
        rows = rows.join(usual, "school_id")
        return kept(
            rows.select(
                "student",
                "school_id",
                "entry_date",
                "exit_date",
                "grade_level",
                "school_year",
                *VERSION,
                calendar=rows.own.coalesce(rows.usual),
            )
        )

    @cached_property
    def cohort(self) -> ibis.Table:
        """Who is enrolled on each as-of date, and where (see ``ews.features.cohort``; cached)."""
        return kept(enrolled_on(self.enrolled, self.moments))

    @cached_property
    def windows(self) -> ibis.Table:
        """For each moment and calendar where the last 20 and 45 school days begin, and what lies ahead."""
        return kept(windows_of(self.school_days, self.moments))

    def known(
        self,
        table: str,
        *,
        years: int | None = None,
        allowed: Mapping[str, tuple[str, ...]] = ALLOWED,
    ) -> ibis.Table:
        """Runs of the contract table for the students asked for, with ``student`` for ``student_id``."""
        rows = known_between(self.records, table, self.moments, years=years, allowed=allowed)
        return rows.join(self.students, "student_id").drop("student_id")

    def at_each_moment(self, runs: ibis.Table) -> ibis.Table:
        """``runs`` unfolded, with each moment's ``as_of`` and ``this_year``."""
        moments = self.moments.table.rename(this_year="school_year")
        return at_each_moment(runs).join(moments, "moment")
