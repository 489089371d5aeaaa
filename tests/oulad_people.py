"""A tiny OULAD folder of named people, and where the real one lies when it is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

REAL = Path(__file__).parents[2] / "shared" / "data" / "oulad_2013"

FILES: Mapping[str, str] = {
    "courses.csv": """
        code_module,code_presentation,module_presentation_length
        BIO,2013B,240
        BIO,2013J,268
        ART,2013J,268
    """,
    "assessments.csv": """
        code_module,code_presentation,id_assessment,assessment_type,date,weight
        BIO,2013B,101,TMA,19,10
        BIO,2013B,102,TMA,40,30
        BIO,2013B,103,CMA,,0
        BIO,2013B,104,Exam,?,100
        BIO,2013J,201,TMA,19,10
    """,
    "studentInfo.csv": """
        code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,num_of_prev_attempts,studied_credits,disability,final_result
        BIO,2013B,amina,F,Scotland,A Level,10-20,35-55,0,60,N,Pass
        BIO,2013B,bo,M,Wales,A Level,90-100%,0-35,1,120,N,Fail
        BIO,2013B,chidi,M,Wales,A Level,,0-35,0,60,Y,Withdrawn
        BIO,2013B,dara,F,Wales,A Level,,0-35,2,60,N,Distinction
        BIO,2013B,eli,M,Wales,A Level,,0-35,0,60,N,Withdrawn
        BIO,2013B,farah,F,Wales,A Level,,0-35,0,60,N,Withdrawn
        BIO,2013B,gus,M,Wales,A Level,,0-35,0,30,N,Pass
        BIO,2013J,bo,M,Wales,A Level,90-100%,0-35,2,120,N,Pass
        ART,2013J,bo,M,Wales,A Level,90-100%,0-35,0,120,N,Pass
    """,
    "studentRegistration.csv": """
        code_module,code_presentation,id_student,date_registration,date_unregistration
        BIO,2013B,amina,-50,
        BIO,2013B,bo,-20,
        BIO,2013B,chidi,-100,45
        BIO,2013B,dara,10,
        BIO,2013B,eli,,-5
        BIO,2013B,farah,-10,?
        BIO,2013B,gus,30,
        BIO,2013J,bo,-30,
        ART,2013J,bo,-30,
    """,
    "studentAssessment.csv": """
        id_assessment,id_student,date_submitted,is_banked,score
        101,amina,17,0,80
        101,bo,25,0,40
        101,chidi,19,0,60
        101,dara,-1,1,70
        102,amina,38,0,90
        102,dara,40,0,50
        103,amina,29,0,
        201,bo,18,0,65
    """,
    "vle_pre_course.csv": """
        code_module,code_presentation,id_student,pre_course_clicks,pre_course_interaction_rows
        BIO,2013B,amina,120,30
        BIO,2013B,bo,4,2
    """,
}


def write_oulad(folder: Path, **changed: str | None) -> Path:
    """The files of FILES in ``folder``; ``courses=...`` writes another courses.csv, None leaves it out."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        text = changed.get(name.removesuffix(".csv"), content)
        if text is not None:
            lines = [line.strip() for line in text.strip().splitlines()]
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def real_oulad() -> Path:
    """The folder of the real 2013 presentations; skips the test where it is not."""
    if not REAL.is_dir():
        pytest.skip("the OULAD files are not beside this repository (../shared/data/oulad_2013)")
    return REAL
