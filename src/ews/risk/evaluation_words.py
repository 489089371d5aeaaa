"""An evaluation in plain words, each sentence with its number: the verdict, and what more data would buy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

RULES = {"abc_rule": "the ABC rule", "latest_below_40": "the rule 'latest mark below 40'"}
TO_DATE = "year_to_date"
OF_ABSENCE = ("attendance", "overall")
ENOUGH = 0.005  # recall: half a point; less is called little


def in_short(content: Mapping[str, Any]) -> dict[str, str]:
    """What a person should know of one model after a minute, by what it is about, in the order of asking."""
    chosen = str(content["kind"])
    latest = content["years"][0]
    found = {
        "Beside the rules": against_rule(latest, chosen),
        "Year after year": year_after_year(content),
        "Not yet flagged": not_yet_flagged(latest, chosen),
        "The numbers": numbers_hold(latest, chosen),
        "How early": earlier(content),
        "New schools": new_schools(content),
        "What would ship": f"{content['kind'].capitalize()}. {content['kind_because']}",
        "More data": more_data(content),
    }
    return {about: sentence for about, sentence in found.items() if sentence}


def opening(content: Mapping[str, Any]) -> str:
    """The verdict on all models in a few sentences."""
    models = content["models"]
    better = [found["title"] for found in models.values() if wins(found["years"][0])]
    worse = [found["title"] for found in models.values() if found["title"] not in better]
    failing = [found["title"] for found in models.values() if not holding(found)]
    said = []
    if better:
        said.append(f"{listed(better)} put more of the right students on a list than the rule does.")
    if worse:
        said.append(f"{listed(worse)}: no better than the rule by more than chance; use the rule there.")
    said.append(
        f"The numbers of {listed(failing)} do not hold: use the order, not the percentages."
        if failing
        else "No model's numbers are shown to be off."
    )
    return " ".join(said)


def holding(found: Mapping[str, Any]) -> bool:
    """Whether the latest test year does not show the numbers to be off."""
    latest = found["years"][0]["groups"]["everyone"]
    return bool(latest["calibration"][found["kind"]]["verdict"] != "fail")


def listed(names: Sequence[str]) -> str:
    """Names as "Attendance, Grades and Overall"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def rule_of(gains: Mapping[str, Any]) -> str:
    """The rule to beat, by its name among the rivals."""
    return next(name for name in RULES if name in gains)


def against_rule(latest: Mapping[str, Any], chosen: str) -> str:
    """How many of a hundred with the outcome are on a list of a tenth, against the rule and the rate."""
    measures = latest["groups"]["everyone"]["measures"]
    gains = latest["gain_over"]["everyone"]
    rule = rule_of(gains)
    mine, theirs = (measures[name]["recall_at_10"]["point"] for name in (chosen, rule))
    sentence = (
        f"In {latest['year']}, of 100 students with the outcome, a list of a tenth of each school held"
        f" {100 * mine:.0f}; {RULES[rule]} with as many names held {100 * theirs:.0f}:"
        f" {verdict(gains[rule])}."
    )
    if TO_DATE in measures:
        held = 100 * measures[TO_DATE]["recall_at_10"]["point"]
        sentence += f" A list by days missed so far held {held:.0f}: {verdict(gains[TO_DATE])}."
    return sentence


def verdict(gain: Mapping[str, Any], measure: str = "recall_at_10") -> str:
    """A gain in words with its interval."""
    told = gain.get(measure)
    if not told:
        return "too few to compare"
    points = f"{100 * told['point']:+.1f} points, {100 * told['low']:+.1f} to {100 * told['high']:+.1f}"
    if told["low"] > 0:
        return f"better by more than chance ({points})"
    if told["high"] < 0:
        return f"worse by more than chance ({points})"
    return f"no difference that chance could not make ({points})"


def year_after_year(content: Mapping[str, Any]) -> str:
    """In how many test years the gain over the rule holds."""
    years = content["years"]
    if len(years) < 2:
        return f"This rests on one test year, {years[0]['year']}: provisional."
    held = sum(wins(year) for year in years)
    return f"The gain over the rule stood above chance in {held} of {len(years)} test years."


def wins(year: Mapping[str, Any]) -> bool:
    """Whether the gain over the rule at a tenth has its interval above 0."""
    gains = year["gain_over"]["everyone"]
    told = gains[rule_of(gains)].get("recall_at_10", {})
    return bool(told and told["low"] > 0)


def not_yet_flagged(latest: Mapping[str, Any], chosen: str) -> str:
    """How it does among those whom only a model can find."""
    group = next((name for name in ("not_yet_flagged", "no_mark_yet") if name in latest["groups"]), None)
    if group is None:
        return ""
    told, gains = latest["groups"][group], latest["gain_over"][group]
    precision = told["measures"][chosen].get("precision_at_10")
    if not precision:
        return ""
    words = "whom no rule has flagged" if group == "not_yet_flagged" else "without a mark yet"
    rival = TO_DATE if TO_DATE in gains else "base_rate"
    name = "by days missed" if rival == TO_DATE else "drawn by lot"
    theirs = told["measures"][rival]["precision_at_10"]["point"]
    return (
        f"Among students {words} ({told['students']:,}), of 100 on its list"
        f" {100 * precision['point']:.0f} had the outcome, {100 * theirs:.0f} on a list {name}:"
        f" {verdict(gains[rival], 'precision_at_10')}; {100 * told['base_rate']:.0f} of 100 have it there."
    )


def numbers_hold(latest: Mapping[str, Any], chosen: str) -> str:
    """Whether what it says happens as often as it says."""
    told = latest["groups"]["everyone"]["calibration"][chosen]
    off = f"calibration error {told['error']:.3f}, lower bound {told['low']:.3f}, of at most .030"
    return {
        "pass": f"Its numbers hold: 30 in 100 means about 30 in 100 ({off}).",
        "fail": f"Its numbers do not hold ({off}): the order may be used, the percentages not.",
    }.get(
        told["verdict"],
        f"Whether its numbers hold, {told['students']:,} students are too few to tell ({off}).",
    )


def earlier(content: Mapping[str, Any]) -> str:
    """How much earlier than the rule it names students, at as many names, and how many are never named."""
    lead = content.get("lead_time", {}).get("at_capacity", {})
    missed = content["outcome"] in OF_ABSENCE and "earlier_by" in lead.get("with_18_absences", {})
    told = lead.get("with_18_absences" if missed else "with_the_outcome", {})
    if not told.get("weeks_over_rule"):
        return ""
    who = "who came to an 18th absence" if missed else "with the outcome"
    never, first = told["never_named"], told["earlier_by"]
    return (
        f"With as many names as the rule, of those {who} it named {first['model']:.0%} earlier than the rule"
        f" and {first['rule']:.0%} later; whom both named, {lead_words(told['weeks_over_rule'])}."
        f" It never named {never['model']:.0%}, the rule never {never['rule']:.0%}."
    )


def lead_words(weeks: Mapping[str, float]) -> str:
    """A lead in weeks: the median, the quartiles and the mean."""
    middle = weeks["median"]
    lead = (
        "in the same week"
        if middle == 0
        else f"{abs(middle):.0f} weeks {'earlier' if middle > 0 else 'later'} by the median"
    )
    return (
        f"{lead} (quartiles {weeks['lower_quartile']:+.0f} to {weeks['upper_quartile']:+.0f};"
        f" mean {weeks['mean']:+.1f}, {weeks['mean_low']:+.1f} to {weeks['mean_high']:+.1f})"
    )


def new_schools(content: Mapping[str, Any]) -> str:
    """What it costs when the schools were never learned from."""
    told = content.get("schools_left_out", {})
    cost = told.get("cost", {}).get("recall_at_10")
    if not cost:
        return ""
    held = told["measures"]["schools_left_out"]["recall_at_10"]["point"]
    rule = rule_of(told["gain_over"])
    return (
        f"At schools it never learned from, a list of a tenth held {100 * held:.0f} of 100,"
        f" {100 * cost['point']:+.1f} points; against the rule {verdict(told['gain_over'][rule])}."
    )


def more_data(content: Mapping[str, Any]) -> str:
    """What more students and more years would buy, from what half of them cost."""
    told = content.get("learning_curve", {})
    points = told.get("by_students", [])
    if not points:
        return ""
    found = [of_students(points)]
    if told["by_years"]:
        found.append(of_years(told["by_years"]))
    return " ".join(found)


def of_students(points: Sequence[Mapping[str, Any]]) -> str:
    """What the last doubling of students bought."""
    whole = points[-1]
    if len(points) < 2:
        return (
            f"With fewer than its {whole['students']:,} students nothing could be learned:"
            " every further student counts."
        )
    half = points[-2]
    gain = reverse(half["against_all"].get("recall_at_10", {}))
    said = (
        f"The last doubling of students ({half['students']:,} to {whole['students']:,}) bought {bought(gain)}"
    )
    return f"{said}; {outlook(gain, 'twice as many students')}"


def of_years(points: Sequence[Mapping[str, Any]]) -> str:
    """What the earlier years bought."""
    gain = reverse(points[0]["against_all"].get("recall_at_10", {}))
    said = f"Learning from {points[-1]['years']} years instead of {points[0]['years']} bought {bought(gain)}"
    return f"{said}; {outlook(gain, 'one more year')}"


def reverse(lost: Mapping[str, float]) -> dict[str, float]:
    """What is lost as what was gained."""
    return {"point": -lost["point"], "low": -lost["high"], "high": -lost["low"]} if lost else {}


def bought(gain: Mapping[str, float]) -> str:
    """A gain of recall at a tenth, with its interval."""
    if not gain:
        return "nothing that can be measured"
    return (
        f"{100 * gain['point']:+.1f} points of recall at a tenth"
        f" ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"
    )


def outlook(gain: Mapping[str, float], more: str) -> str:
    """What more would probably buy: never more than the last step did, since such curves flatten."""
    if not gain or gain["high"] < ENOUGH:
        return f"{more} would buy little."
    if gain["low"] > 0:
        return f"{more} would probably buy something, at most about as much again."
    return f"whether {more} would buy anything cannot be told from these."
