"""Who is likely to end grade 9 off track: short of credits, or with more than one core-course F.

python training/grade9_on_track.py [--until DATE]
"""

import sys
from datetime import date

from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.training import run_alone

model = RiskModel(
    name="grade9_on_track",
    title="Grade 9 on track",
    predicts="Ends grade 9 with fewer credits than promotion needs, or with more than one semester F in a"
    " core course.",
    why="Students who end grade 9 on track are several times as likely to graduate as those who do not, and"
    " a lost credit can be won back while the year lasts.",
    outcome="grade9_on_track",
    grades=(9,),
    features=(
        # this term's marks and work
        "fs_now",
        "ds_now",
        "core_fs_now",
        "lowest_mark",
        "gpa_now",
        "mark_change",
        "missing_work_share",
        "missing_work_last_20",
        # the first semester, once it is over
        "fs_last_term",
        "credits_short",
        # middle school
        "gpa_last_year",
        "ela_level",
        "math_level",
        # attendance and behavior
        "absence_rate_year",
        "absence_rate_last_20",
        "absence_rate_last_year",
        "tardies_last_20",
        "periods_missed_last_20",
        "incidents_last_45",
        "moves",
        # where the student stands
        "week",
        "no_marks_now",
        "no_tests",
    ),
    parameters=PARAMETERS,
    limits=(
        "How many credits promotion needs, and how many core Fs are one too many, is the district's setting.",
        "From the second semester on half of the outcome is on record already; a low score then is news.",
        "It makes no suggested level: it stands on a card of its own beside attendance and grades.",
    ),
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
