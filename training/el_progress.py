"""Which English learners are likely to miss the next annual step, or to become long-term learners.

python training/el_progress.py [--until DATE]
"""

import sys
from datetime import date

from ews.features.learner_catalogue import DESCRIBED
from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.populations import LEARNERS
from ews.risk.training import run_alone

model = RiskModel(
    name="el_progress",
    title="English learner progress",
    predicts="An English learner does not reach the next level on this year's annual English test, or comes"
    " to meet the state's definition of a long-term learner or of one at risk of it.",
    why="A learner who stands still is often one whom nobody has looked at: the plan that fits two years of"
    " English seldom fits six.",
    outcome="el_progress",
    population=LEARNERS,
    grades=tuple(range(-1, 13)),
    described_by=DESCRIBED,
    features=(
        # English so far
        "learner_level",
        "learner_ready",
        "learner_level_two_before",
        "learner_years",
        "learner_results_at_level",
        "learner_score_gain",
        "learner_listening",
        "learner_speaking",
        "learner_reading",
        "learner_writing",
        # reading and mathematics
        "ela_level",
        "math_level",
        "ela_percentile",
        # school
        "absence_rate_year",
        "absence_rate_last_year",
        "gpa_now",
        "standards_mark",
        "fs_now",
        "missing_work_share",
        "moves",
        # where the student stands
        "grade_level",
        "week",
        "no_marks_now",
        "no_tests",
    ),
    parameters=PARAMETERS,
    limits=(
        "It is for those who plan how English is taught; it is never in overall, nor in the list's order.",
        "A learner without two annual results has no step to be judged by, and one without any no score.",
        "A step is a level of the annual test: growth within a level is a reason here, not the outcome.",
    ),
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
