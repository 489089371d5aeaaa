"""Who is likely to have two major incidents or a suspension in the next 45 school days.

python training/behavior.py [--until DATE]
"""

import sys
from datetime import date

from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.training import run_alone

model = RiskModel(
    name="behavior",
    title="Behavior",
    predicts="Two or more major incidents, or a suspension, over the next 45 school days.",
    why="A day out of class is lost learning; an adult who asks early can often keep it from coming to that.",
    outcome="behavior",
    grades=tuple(range(4, 13)),
    features=(
        # this year's incidents
        "incidents_last_20",
        "incidents_last_45",
        "major_incidents_year",
        "suspensions_year",
        # last year's
        "incidents_last_year",
        "suspensions_last_year",
        # what often goes with it
        "absence_rate_year",
        "absence_rate_last_20",
        "tardies_last_20",
        "periods_missed_last_20",
        "fs_now",
        "lowest_mark",
        "missing_work_share",
        "moves",
        "support_days",
        # where the student stands
        "grade_level",
        "week",
        "transition_grade",
    ),
    parameters=PARAMETERS,
    limits=(
        "A suspension is an adult's decision: this model also learns who decides how, and where.",
        "It never puts a student into the top level by itself, and stays out of overall until its audit"
        " has passed here.",
    ),
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
