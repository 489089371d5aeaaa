"""Who is likely not to pass a course: to fail it, or to withdraw from it.

python training/course.py [--until DATE]
"""

import sys
from datetime import date

from ews.features.course_catalogue import COURSE_FEATURES
from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.training import run_alone

model = RiskModel(
    name="course",
    title="Course",
    predicts="Fails the course or withdraws from it, among those still registered.",
    why="Most of those who leave a course go quiet first. A call in the first weeks finds out what is in the"
    " way while the work can still be made up.",
    outcome="course",
    grades=(13,),
    described_by=COURSE_FEATURES,
    features=(
        # marks, against classmates and against the student's own
        "mark_standing",
        "mark_standing_latest",
        "mark_standing_lowest",
        "mark_above_class",
        "mark_latest_change",
        # marks and missing work in one
        "course_standing",
        # work
        "work_turned_in_standing",
        "work_missing_beyond_class",
        "lateness_standing",
        "silence_standing",
        # the start
        "site_visits_standing",
        "attempts_before",
        # how much the course has asked for
        "work_due",
    ),
    # Week 2 is there for what a course looks like before anything is due: others ask later.
    snapshot_weeks=(2, 4, 8, 12),
    # Very small trees: what they learn of one course must hold in a course never seen before.
    parameters=PARAMETERS | {"num_leaves": 4, "max_depth": 2, "trees": 400, "feature_fraction": 0.4},
    limits=(
        "It knows a course by its dated assessments; before the first is due it knows little.",
        "Standings compare classmates: they say who falls behind the class, not how hard the course is.",
    ),
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
