"""What a model has to beat: rules, a six-feature logistic, and the model of the year before."""

from __future__ import annotations

from ews.errors import BadData
from ews.risk.course_rows import of_courses
from ews.risk.judging import Judgement
from ews.risk.learner import Learner, everything
from ews.risk.measured import Score
from ews.risk.splits import Split, learning

SIX = (
    "absence_rate_year",
    "absence_rate_last_year",
    "fs_now",
    "incidents_last_45",
    "grade_level",
    "week",
)
"""Attendance now and last year, course failures, incidents, grade and week: what a spreadsheet could hold."""

TITLES = {
    "composite": "Overall, stacked on its domains",
    "lightgbm": "LightGBM",
    "logistic": "Full logistic",
    "six_features": "Logistic of six features",
    "last_years_model": "Last year's model",
    "year_to_date": "Absence so far this year",
    "last_year": "Absence last year",
    "abc_rule": "ABC rule",
    "latest_below_40": "Latest mark below 40",
    "base_rate": "Base rate (chance)",
}
"""How each candidate and rival is called on a page, in the order in which tables have them."""


def every_score(learner: Learner, name: str, split: Split, judgement: Judgement) -> dict[str, Score]:
    """What each candidate, rule and plainer model says of the test year, by name in the order of TITLES."""
    found = {each: Score(each, said, True) for each, said in judgement.candidates.items()}
    found |= {each: Score(each, said, each == "base_rate") for each, said in judgement.rivals.items()}
    for each, made in (("six_features", six_features), ("last_years_model", last_years_model)):
        score = made(learner, name, split, judgement)
        if score is not None:
            found[each] = score
    return {each: found[each] for each in TITLES if each in found}


def six_features(learner: Learner, name: str, split: Split, judgement: Judgement) -> Score | None:
    """A logistic regression on SIX, learned like any candidate; none for courses, which do not have them."""
    matrix = judgement.rows.matrix
    if of_courses(matrix):
        return None
    try:
        return Score("six_features", learner.plain(name, split, SIX, everything)(matrix), True)
    except BadData:
        return None


def last_years_model(learner: Learner, name: str, split: Split, judgement: Judgement) -> Score | None:
    """The same recipe one year older: the model that served when the test year's own was not yet made.

    None where there were too few years before it, or too few with the outcome in them.
    """
    years = sorted(set(learner.years(name)))
    earlier = learning(years, (split.test or 0) - 1, test=split.test)
    if earlier is None:
        return None
    try:
        return Score("last_years_model", learner.answer(name, earlier)(judgement.rows.matrix), True)
    except BadData:
        return None
