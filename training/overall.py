"""Whom to see first: attendance or grades in what is ahead, from what the other models say.

    python training/overall.py [--until DATE]

It is stacked on the newest trained candidates of its domains: train those first, and promote the same ones.
"""

import sys
from datetime import date

from ews.risk.definition import RiskModel
from ews.risk.training import run_alone

model = RiskModel(
    name="overall",
    title="Overall",
    predicts="Absent on 10 % or more of the next 45 school days, or an F at the end of this term.",
    why="A counselor needs one order in which to see students; it is taken from the domains, so that its "
    "reasons are theirs and one severe domain is never averaged away.",
    outcome="overall",
    grades=tuple(range(-1, 13)),
    stacks=("attendance", "grades", "behavior"),
    needs_setting={"behavior": "overall.behavior_joins"},
    reviewed="2026-11",
)

if __name__ == "__main__":
    print(run_alone(model, sys.argv[1:], today=date.today()))
