"""The plain rules flag whom they say, and nothing that is not on record."""

from __future__ import annotations

import pandas as pd

from ews.risk.abc_rule import RULES, abc_flags

NONE = float("nan")
PEOPLE = pd.DataFrame(
    {
        "name": ["Amara", "Ben", "Chloe", "Dinh", "Eli", "Fay"],
        "absence_rate_year": [0.10, 0.09, 0.02, NONE, 0.00, 0.30],
        "incidents_last_45": [0.0, 1.0, 2.0, NONE, 0.0, 0.0],
        "suspensions_year": [0.0, 0.0, 0.0, NONE, 1.0, 0.0],
        "fs_now": [0.0, 0.0, NONE, NONE, 0.0, 2.0],
    }
).set_index("name")


def test_each_rule_flags_at_its_threshold_and_never_without_a_record() -> None:
    flags = abc_flags(PEOPLE)
    told = {name: "".join(rule for rule in RULES if flags.loc[name, rule]) for name in PEOPLE.index}
    assert told == {"Amara": "A", "Ben": "", "Chloe": "B", "Dinh": "", "Eli": "B", "Fay": "AC"}
