"""Who is likely to end the current term with an F.

python training/grades.py [--until DATE]
"""

import sys
from datetime import date

from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.training import run_alone

model = RiskModel(
    name="grades",
    title="Grades",
    predicts="At least one F when the current term ends.",
    why="An F in grades 6 to 9 is one of the strongest signs for finishing high school, and the missing work "
    "behind it can be made up while the term lasts.",
    outcome="grades",
    grades=tuple(range(6, 13)),
    features=(
        # this term's marks and work
        "fs_now",
        "ds_now",
        "core_fs_now",
        "lowest_mark",
        "gpa_now",
        "mark_change",
        "missing_work",
        "missing_work_share",
        "missing_work_last_20",
        # earlier terms; not credits_short, which grows with the years that the lake holds
        "fs_last_term",
        "gpa_last_year",
        "ela_level",
        "math_level",
        "ela_percentile",
        "math_percentile",
        # attendance and behavior
        "absence_rate_year",
        "absence_rate_last_20",
        "absence_rate_last_year",
        "tardies_last_20",
        "periods_missed_last_20",
        "incidents_last_45",
        "moves",
        "days_since_entry",
        "support_days",
        # where the student stands
        "grade_level",
        "week",
        "transition_grade",
        "no_marks_now",
        "no_tests",
    ),
    parameters=PARAMETERS,
    limits=(
        "A D in an A-G course counts as an F only where the district chose so (grades.a_g_minimum_is_c).",
        "Marks are given by people who mark differently; compare students of one course with care.",
    ),
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
