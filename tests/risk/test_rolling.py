"""Rolling origin: each year is judged by what had learned from earlier years alone, beside all rivals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from made_up import MadeUp, PastMadeUp, definition, definitions_made_up, made_up, past_made_up, settings_in

from ews.errors import BadData
from ews.risk.baselines import SIX
from ews.risk.definition import RiskModel
from ews.risk.evaluate import Evaluated, Steps, evaluated, refuse_nothing
from ews.risk.evaluation_figures import figures
from ews.risk.evaluation_words import in_short
from ews.risk.groups_shown import shown_groups
from ews.risk.learner import Learner
from ews.risk.rows import Labelled, Past
from ews.risk.schools_left_out import folds_of_schools, without
from ews.risk.splits import Split
from ews.settings import Settings


def learner_of(
    rows: MadeUp, settings: Settings, models: dict[str, RiskModel] | None = None, past: Past | None = None
) -> Learner:
    known = past or past_made_up(rows)
    return Learner(models or {"attendance": definition()}, lambda model: known, settings)


def evaluation_of(rows: MadeUp, settings: Settings, **more: Any) -> Evaluated:
    """The evaluation of the attendance model on made-up rows, weeks among them."""
    learner = learner_of(rows, settings, **more)
    weekly = cast(Any, SimpleNamespace(of=lambda year: rows.year(year).matrix))
    return evaluated(learner, learner.models["attendance"], weekly, Steps(5, lambda done, total, step: None))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return settings_in(tmp_path_factory.mktemp("rolling"))


@pytest.fixture(scope="module")
def four_years(settings: Settings) -> Evaluated:
    return evaluation_of(made_up(students=500, years=(2023, 2024, 2025, 2026)), settings)


@pytest.fixture(scope="module")
def two_years(settings: Settings) -> Evaluated:
    return evaluation_of(made_up(students=400, years=(2024, 2025)), settings)


def test_every_testable_year_is_tested_on_and_nothing_later_is_learned_from(four_years: Evaluated) -> None:
    years = [
        (year["year"], year["learned_from"], year["calibrated_on"]) for year in four_years.content["years"]
    ]
    assert years == [(2026, [2023, 2024], 2025), (2025, [2023], 2024)]


def test_every_baseline_stands_in_the_same_table(four_years: Evaluated) -> None:
    latest = four_years.content["years"][0]
    assert list(latest["groups"]["everyone"]["measures"]) == [
        "lightgbm",
        "logistic",
        "six_features",
        "last_years_model",
        "year_to_date",
        "last_year",
        "abc_rule",
        "base_rate",
    ]
    measures = latest["groups"]["everyone"]["measures"][four_years.content["kind"]]
    assert {f"{what}_at_{size}" for what in ("recall", "precision") for size in (5, 10, 15, 20)} <= set(
        measures
    )
    assert {"auc", "auc_within", "average_precision", "brier", "slope", "net_benefit_at_30"} <= set(measures)
    assert all(told["low"] <= told["point"] <= told["high"] for told in measures.values())


def test_the_groups_are_everyone_the_unflagged_the_new_and_each_grade_band(four_years: Evaluated) -> None:
    groups = four_years.content["years"][0]["groups"]
    assert list(groups) == [
        "everyone",
        "not_yet_flagged",
        "new_students",
        "grades TK-5",
        "grades 6-8",
        "grades 9-12",
    ]
    assert groups["everyone"]["students"] == 500 > groups["not_yet_flagged"]["students"]


def test_under_two_thousand_students_calibration_is_too_few_to_tell(four_years: Evaluated) -> None:
    told = four_years.content["years"][0]["groups"]["everyone"]["calibration"]
    assert {found["verdict"] for found in told.values()} == {"too few to tell"}


def test_a_test_year_does_not_change_when_a_later_year_is_added(
    settings: Settings, four_years: Evaluated
) -> None:
    fewer = made_up(students=500, years=(2023, 2024, 2025, 2026)).year(2023, 2024, 2025)
    alone = evaluation_of(fewer, settings).content["years"][0]
    assert alone == four_years.content["years"][1]


def test_labels_that_close_after_the_test_begins_are_not_learned_from(settings: Settings) -> None:
    rows = made_up(students=120)
    late = (rows.matrix["school_year"] == 2024).to_numpy() & (rows.matrix["week"] == 20).to_numpy()
    closes = np.where(late, np.datetime64("2025-01-01"), np.datetime64("2024-06-01"))

    class Closing(PastMadeUp):
        def labelled(self, model: RiskModel, settings: Settings) -> Labelled:
            return Labelled(np.arange(len(closes)), rows.labels, 0.0, closes)

    known = Closing(cast(Any, None), rows.matrix, (2023, 2024, 2025), date(2025, 11, 14))
    learner = learner_of(rows, settings, past=known)
    kept = learner.rows_for("attendance", Split((2023,), 2024, 2025))
    assert set(kept.of([2024]).matrix["week"]) == {4, 10}
    assert len(kept.of([2025]).labels) == 360


def test_the_six_features_are_columns_of_the_catalogue() -> None:
    from ews.features.catalogue import FEATURES

    assert len(SIX) == 6 and set(SIX) <= set(FEATURES)


def test_two_years_give_a_provisional_result_that_says_so(two_years: Evaluated) -> None:
    year = two_years.content["years"][0]
    assert (year["year"], year["calibrated_on"]) == (2025, "folds grouped by student")
    assert "last_years_model" not in year["groups"]["everyone"]["measures"]
    told = " ".join(one.found + one.can_be_done for one in two_years.shortcomings)
    assert "provisional" in told and "folds of students" in told and "Load one more school year" in told


def test_the_report_says_what_more_students_and_years_would_buy(
    four_years: Evaluated, two_years: Evaluated
) -> None:
    curve = four_years.content["learning_curve"]
    assert [round(each["students"], -1) for each in curve["by_students"]] == [120, 250, 500]
    assert curve["too_few"] == [0.125]
    assert [each["years"] for each in curve["by_years"]] == [2, 3]
    assert curve["by_students"][-1]["against_all"]["recall_at_10"]["point"] == 0.0
    assert two_years.content["learning_curve"]["by_years"] == []


def test_a_school_left_out_is_not_learned_from_in_any_year(settings: Settings) -> None:
    rows = past_made_up(made_up(students=80)).rows(definition(), settings)
    kept = without(["school-1"])(rows)
    assert set(kept.matrix["school_id"]) == {"school-0", "school-2", "school-3"}


def test_schools_are_folded_by_size_and_one_school_alone_cannot_be_left_out() -> None:
    school = np.repeat(["big", "mid", "small", "tiny", "last"], [50, 30, 20, 10, 5])
    assert folds_of_schools(school) == [["big"], ["mid"], ["small"], ["tiny", "last"]]
    with pytest.raises(BadData, match=r"one school.*Load another school"):
        folds_of_schools(np.array(["alone"] * 4))


def test_leaving_schools_out_is_told_beside_the_model_that_knew_them(four_years: Evaluated) -> None:
    found = four_years.content["schools_left_out"]
    assert (found["schools"], found["folds"]) == (4, 4)
    assert set(found["measures"]) == {"schools_left_out", four_years.content["kind"]}
    assert set(found["gain_over"]) == {"year_to_date", "last_year", "abc_rule"}


def test_overall_is_judged_stacked_on_domains_of_the_same_split(settings: Settings) -> None:
    rows = made_up(students=400, years=(2023, 2024, 2025))
    models = {name: model for name, model in definitions_made_up().items() if name != "behavior"}
    learner = learner_of(rows, settings, models)
    weekly = cast(Any, SimpleNamespace(of=lambda year: rows.year(year).matrix))
    steps = Steps(14, lambda done, total, step: None)
    found = {name: evaluated(learner, model, weekly, steps) for name, model in models.items()}
    year = found["overall"].content["years"][0]
    assert list(year["groups"]["everyone"]["measures"])[:3] == ["composite", "logistic", "six_features"]
    assert year["groups"]["everyone"]["measures"]["composite"]["auc"]["point"] > 0.7
    assert "measures" in found["overall"].content["schools_left_out"]
    assert steps.done == 14


def test_a_course_is_judged_beside_its_own_rule_and_without_lead_times(settings: Settings) -> None:
    rows = made_up(students=300)
    matrix = rows.matrix.assign(
        course_day=7 * rows.matrix["week"],
        course="Statistics",
        section_id="s1",
        mark_latest=rows.matrix["lowest_mark"],
    )
    learner = learner_of(MadeUp(matrix, rows.labels), settings, {"attendance": definition(outcome="course")})
    steps = Steps(4, lambda done, total, step: None)
    found = evaluated(learner, learner.models["attendance"], cast(Any, None), steps).content
    assert "lead_time" not in found and steps.done == 4
    year = found["years"][0]
    assert set(year["groups"]["everyone"]["measures"]) >= {"logistic", "latest_below_40", "base_rate"}
    assert "six_features" not in year["groups"]["everyone"]["measures"]
    assert "latest mark below 40" in in_short(found)["Beside the rules"]
    assert len(list(figures(found))) >= 5


# ---- trouble ------------------------------------------------------------------------------------


def told(found: Evaluated) -> str:
    return " ".join(f"{one.found} {one.can_be_done}" for one in found.shortcomings)


def test_one_year_says_that_two_are_needed(settings: Settings) -> None:
    found = evaluation_of(made_up(students=60, years=(2025,)), settings)
    assert not found.content
    assert "1 closed school years on record; two are needed" in told(found)
    assert "Load an earlier school year" in told(found)


def test_too_few_with_the_outcome_says_how_many_are_needed(settings: Settings) -> None:
    found = evaluation_of(made_up(students=30), settings)
    assert not found.content
    assert "at least 25 of each are needed" in told(found) and "Load more years" in told(found)


def test_a_year_in_which_nobody_had_the_outcome_is_passed_over_and_the_others_stand(
    settings: Settings,
) -> None:
    rows = made_up(students=300, years=(2023, 2024, 2025, 2026))
    labels = np.where(rows.matrix["school_year"] == 2026, 0.0, rows.labels)
    found = evaluation_of(MadeUp(rows.matrix, labels), settings)
    assert [year["year"] for year in found.content["years"]] == [2025]
    assert "2026 is not tested on" in told(found) and "nobody or everybody had the outcome" in told(found)


def test_one_class_only_in_the_single_test_year_is_no_result(settings: Settings) -> None:
    rows = made_up(students=200)
    found = evaluation_of(MadeUp(rows.matrix, np.ones(len(rows.labels))), settings)
    assert not found.content and found.shortcomings


def test_a_school_that_misses_a_year_is_learned_without_and_named(settings: Settings) -> None:
    from ews.risk.shortcomings import of_the_years

    rows = made_up(students=200)
    gone = (rows.matrix["school_year"] == 2024) & (rows.matrix["school_id"] == "school-2")
    fewer = MadeUp(rows.matrix[~gone].reset_index(drop=True), rows.labels[~gone.to_numpy()])
    found = list(of_the_years(past_made_up(fewer), []))
    assert any(
        "No student of school school-2 is on record in 2024" in one.found
        and "load its enrollments" in one.can_be_done
        for one in found
    )
    assert evaluation_of(fewer, settings).content["years"]


def test_a_feature_that_is_never_known_or_never_differs_is_named_and_the_rest_goes_on(
    settings: Settings,
) -> None:
    rows = made_up(students=300)
    matrix = rows.matrix.assign(gpa_now=np.nan, suspensions_year=0.0)
    found = evaluation_of(MadeUp(matrix, rows.labels), settings)
    assert found.content["years"][0]["groups"]["everyone"]["measures"]["logistic"]["auc"]["point"] > 0.7
    assert "Never on record in 2023: gpa_now." in told(found)
    assert "The same for everybody in 2023: suspensions_year." in told(found)


def test_labels_that_are_not_closed_are_told_with_the_day_they_were_asked_for(settings: Settings) -> None:
    from ews.outcomes import NOT_CLOSED
    from ews.risk.shortcomings import of_the_labels

    rows = made_up(students=60)
    open_still = (rows.matrix["school_year"] == 2025).to_numpy()
    labels = rows.matrix[["student_id", "as_of"]].assign(
        label=np.where(open_still, np.nan, rows.labels), censored=np.where(open_still, NOT_CLOSED, None)
    )
    known = replace(past_made_up(rows), found={"attendance": labels})
    found = list(of_the_labels(definition(), known))
    assert [one.found for one in found] == [
        "In 2025 100% of the rows have no outcome; for 100% it is not closed by 2025-11-14."
    ]
    assert "Evaluate again" in found[0].can_be_done


def test_years_that_are_not_comparable_are_named_and_never_tested_on(settings: Settings) -> None:
    from ews.risk.shortcomings import of_the_years

    rows = made_up(students=200, years=(2022, 2023, 2024))
    found = evaluation_of(rows, settings)
    assert [(year["year"], year["calibrated_on"]) for year in found.content["years"]] == [(2024, 2023)]
    words = [one.found for one in of_the_years(past_made_up(rows), [2021])]
    assert any(sentence.startswith("2022 was not comparable") for sentence in words)
    assert "2021 was left out, as years.left_out says." in words


def test_a_model_asked_for_by_name_that_cannot_be_judged_is_an_error_that_says_why(
    settings: Settings,
) -> None:
    poor = evaluation_of(made_up(students=30), settings)
    with pytest.raises(BadData, match="at least 25 of each are needed"):
        refuse_nothing([poor], ["attendance"])
    with pytest.raises(BadData, match="Nothing to report"):
        refuse_nothing([poor], [])
    refuse_nothing([poor, Evaluated("grades", {"years": []} | {"kind": "logistic"})], [])


def test_a_group_under_eleven_students_is_hidden_and_so_is_what_would_tell_of_it(settings: Settings) -> None:
    rows = past_made_up(made_up(students=160)).rows(definition(), settings).of([2025])
    place = rows.matrix["student_id"].str[1:].astype(int)
    few = rows.where(((rows.matrix["grade_level"] != 5) | (place < 40)).to_numpy())
    shown, hidden = shown_groups(few)
    assert "grades TK-5" in hidden and "grades TK-5" not in shown
    assert len([name for name in hidden if name.startswith("grades")]) == 2
