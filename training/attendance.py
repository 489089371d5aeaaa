"""Who is likely to miss 10 % or more of the next 45 school days.

python training/attendance.py [--until DATE]
"""

import sys
from datetime import date

from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.training import run_alone

model = RiskModel(
    name="attendance",
    title="Attendance",
    predicts="Absent on 10 % or more of expected days over the next 45 school days, for any reason.",
    why="A student who misses two days a month falls behind in reading by grade 3 and in credits by grade 9; "
    "what keeps a student away can often be found by asking.",
    outcome="attendance",
    grades=tuple(range(-1, 13)),
    features=(
        # this year's attendance, near and far
        "absence_rate_year",
        "absence_rate_last_20",
        "absence_rate_last_10",
        "absence_trend",
        "absence_streak_now",
        "absence_streak_longest",
        "absence_spells",
        "monday_friday_share",
        "tardies_last_20",
        "tardy_rate_year",
        "periods_missed_last_20",
        # last year's
        "absence_rate_last_year",
        "absence_rate_last_spring",
        # what often goes with it
        "fs_now",
        "lowest_mark",
        "standards_mark",
        "missing_work_share",
        "missing_work_last_20",
        "gpa_last_year",
        "incidents_last_45",
        "suspensions_year",
        "moves",
        "days_since_entry",
        "support_days",
        # where the student stands
        "grade_level",
        "week",
        "transition_grade",
        "no_attendance_last_year",
        "no_marks_now",
    ),
    parameters=PARAMETERS,
    limits=("Excused and unexcused days count alike: the difference is applied unequally.",),
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
