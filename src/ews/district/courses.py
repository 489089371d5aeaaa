"""Which courses does each grade take? Six a day in middle and high school, two subjects in elementary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Course:
    """One course. ``a_g`` is the University of California subject letter it counts for."""

    title: str
    subject: str
    is_core: bool = False
    a_g: str | None = None
    level: str = "standard"

    @property
    def code(self) -> str:
        return "".join(word[:3].upper() for word in self.title.split())


def core(title: str, subject: str, a_g: str | None, level: str = "standard") -> Course:
    """A core course."""
    return Course(title, subject, True, a_g, level)


def high_grade(
    ela: str, math: str, science: str, social: str, fifth: Course, *, honors: str
) -> tuple[Course, ...]:
    """The first five courses of a high-school grade, then the honors class in English."""
    return (
        core(ela, "ela", "b"),
        core(math, "math", "c"),
        core(science, "science", "d"),
        core(social, "social", "a"),
        fifth,
        core(honors, "ela", "b", "ap" if honors.startswith("AP") else "honors"),
    )


HIGH = {
    9: high_grade(
        "English 1", "Algebra 1", "Biology", "Ethnic Studies", Course("PE 9", "pe"), honors="English 1 Honors"
    ),
    10: high_grade(
        "English 2",
        "Geometry",
        "Earth Systems",
        "World History",
        Course("PE 10", "pe"),
        honors="English 2 Honors",
    ),
    11: high_grade(
        "English 3",
        "Algebra 2",
        "Chemistry",
        "U.S. History",
        Course("Health", "other"),
        honors="AP English Language",
    ),
    12: high_grade(
        "English 4",
        "Statistics",
        "Physics",
        "Government and Economics",
        Course("Work Experience", "cte"),
        honors="AP English Literature",
    ),
}

MIDDLE = {
    grade: (
        core(f"Language Arts {grade}", "ela", None),
        core(f"Math {grade}", "math", None),
        core(f"Science {grade}", "science", None),
        core(f"Social Studies {grade}", "social", None),
        Course(f"PE {grade}", "pe"),
        core(f"Language Arts {grade} Honors", "ela", None, "honors"),
    )
    for grade in (6, 7, 8)
}

ELEMENTARY = {
    grade: (
        core(f"{'Kindergarten' if grade == 0 else f'Grade {grade}'} Language Arts", "ela", None),
        core(f"{'Kindergarten' if grade == 0 else f'Grade {grade}'} Mathematics", "math", None),
    )
    for grade in range(6)
}

HIGH_ELECTIVES = (
    Course("Art 1", "arts", a_g="f"),
    Course("Art 2", "arts", a_g="f"),
    Course("Concert Band", "arts", a_g="f"),
    Course("Spanish 1", "world_lang", a_g="e"),
    Course("Spanish 2", "world_lang", a_g="e"),
    Course("Spanish 3", "world_lang", a_g="e"),
    Course("Digital Media", "cte"),
    Course("Auto Shop", "cte"),
    Course("Health Careers", "cte"),
    Course("Debate", "other", a_g="g"),
)
MIDDLE_ELECTIVES = (
    Course("Art", "arts"),
    Course("Beginning Band", "arts"),
    Course("Technology", "cte"),
    Course("Spanish", "world_lang"),
)
ELD = (Course("ELD 1", "eld"), Course("ELD 2", "eld"), Course("ELD 3", "eld"))

CATALOGUE: tuple[Course, ...] = (
    *(course for grades in (ELEMENTARY, MIDDLE, HIGH) for grade in grades.values() for course in grade),
    *HIGH_ELECTIVES,
    *MIDDLE_ELECTIVES,
    *ELD,
)
POSITION = {course.title: i for i, course in enumerate(CATALOGUE)}
