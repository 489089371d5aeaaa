"""Every feature, in the order of the matrix, with its meaning. At most about 45, all from METHOD.

Attendance and marks have a file each; the rest stands here.
"""

from __future__ import annotations

from ews.features.attendance_catalogue import ATTENDANCE
from ews.features.definition import Feature
from ews.features.grades_catalogue import GRADES

BEHAVIOR = (
    Feature(
        name="incidents_last_20",
        phrase="{incidents_last_20:# incident|# incidents} recorded in the last 20 school days",
        why="Recent incidents are often an answer to something recent.",
        unit="incidents",
        direction=1,
        imputation="zero",
        driver="behavior_now",
        source="student_incidents",
    ),
    Feature(
        name="incidents_last_45",
        phrase="{incidents_last_45:# incident|# incidents} recorded in the last 45 school days",
        why="A quarter's worth of incidents smooths over a single bad week.",
        unit="incidents",
        direction=1,
        imputation="zero",
        driver="behavior_now",
        source="student_incidents",
    ),
    Feature(
        name="major_incidents_year",
        phrase="{major_incidents_year:# major incident|# major incidents} recorded this year",
        why="Major incidents are recorded alike across schools, minor ones are not.",
        unit="incidents",
        direction=1,
        imputation="zero",
        driver="behavior_now",
        source="student_incidents",
    ),
    Feature(
        name="suspensions_year",
        phrase="Suspended {suspensions_year:once|# times} this year",
        why="Days out of class are lost learning, whatever led to them.",
        unit="suspensions",
        direction=1,
        imputation="zero",
        driver="behavior_now",
        source="discipline_actions",
    ),
    Feature(
        name="incidents_last_year",
        phrase="{incidents_last_year:# incident|# incidents} recorded last year",
        why="A pattern over two years asks for another kind of support than a new one.",
        unit="incidents",
        direction=1,
        imputation="zero",
        driver="behavior_before",
        source="student_incidents",
    ),
    Feature(
        name="suspensions_last_year",
        phrase="Suspended {suspensions_last_year:once|# times} last year",
        why="Earlier suspensions raise the chance of another, partly because adults expect it.",
        unit="suspensions",
        direction=1,
        imputation="zero",
        driver="behavior_before",
        source="discipline_actions",
    ),
)

ASSESSMENTS = (
    Feature(
        name="ela_level",
        phrase="Level {ela_level} on the latest statewide English language arts test",
        why="Reading carries every other course.",
        unit="level, 1 to 4",
        direction=-1,
        imputation="median",
        driver="tests",
        source="assessments",
    ),
    Feature(
        name="math_level",
        phrase="Level {math_level} on the latest statewide mathematics test",
        why="Mathematics is the course failed most often.",
        unit="level, 1 to 4",
        direction=-1,
        imputation="median",
        driver="tests",
        source="assessments",
    ),
    Feature(
        name="ela_percentile",
        phrase="At or above {ela_percentile} of 100 students on the latest reading test",
        why="Local tests are taken during the year and are newer than the statewide ones.",
        unit="percentile",
        direction=-1,
        imputation="median",
        driver="tests",
        source="assessments",
    ),
    Feature(
        name="math_percentile",
        phrase="At or above {math_percentile} of 100 students on the latest mathematics test",
        why="Local tests are taken during the year and are newer than the statewide ones.",
        unit="percentile",
        direction=-1,
        imputation="median",
        driver="tests",
        source="assessments",
    ),
)

ENROLLMENT = (
    Feature(
        name="moves",
        phrase="{moves:# change|# changes} of school during this school year and the last",
        why="Each change of school costs friends, teachers and months of learning.",
        unit="changes of school",
        direction=1,
        imputation="zero",
        driver="moves",
        source="enrollments",
    ),
    Feature(
        name="days_since_entry",
        phrase="{days_since_entry:# day|# days} since entering this school this year",
        why="Soon after entry the record is short and the student is new.",
        unit="days",
        direction=0,
        imputation="median",
        driver="moves",
        source="enrollments",
    ),
    Feature(
        name="grade_level",
        phrase="In grade {grade_level}",
        why="Attendance and marks follow a J over the grades.",
        unit="grade",
        direction=0,
        imputation="median",
        driver="setting",
        source="enrollments",
    ),
    Feature(
        name="week",
        phrase="School week {week}",
        why="The same record means something else in October and in April.",
        unit="school weeks",
        direction=0,
        imputation="median",
        driver="setting",
        source="calendar_days",
    ),
    Feature(
        name="transition_grade",
        phrase="First grade of this level of school",
        why="The first year of middle and of high school is where many students lose touch.",
        unit="0 or 1",
        direction=0,
        imputation="zero",
        driver="setting",
        source="enrollments",
    ),
    Feature(
        name="no_attendance_last_year",
        phrase="No attendance on record for last year",
        why="Says that last year's columns are empty, not zero.",
        unit="0 or 1",
        direction=0,
        imputation="zero",
        driver="setting",
        source="attendance",
    ),
    Feature(
        name="no_marks_now",
        phrase="No marks on record yet this term",
        why="Says that the columns of current marks are empty, not zero.",
        unit="0 or 1",
        direction=0,
        imputation="zero",
        driver="setting",
        source="marks",
    ),
    Feature(
        name="no_tests",
        phrase="No test result on record",
        why="Says that the columns of test results are empty, not zero.",
        unit="0 or 1",
        direction=0,
        imputation="zero",
        driver="setting",
        source="assessments",
    ),
)

SUPPORT = (
    Feature(
        name="support_days",
        phrase="In documented support on {support_days:# day|# days} since 45 school days ago",
        why="Whoever is being helped already is not like whoever is not, with the same record otherwise.",
        unit="days",
        direction=0,
        imputation="zero",
        driver="support",
        source="interventions",
    ),
)

FEATURES: dict[str, Feature] = {
    feature.name: feature for feature in ATTENDANCE + GRADES + BEHAVIOR + ASSESSMENTS + ENROLLMENT + SUPPORT
}
