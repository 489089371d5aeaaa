"""Engines on which every spec table is computed: DuckDB always, Spark where Java is."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import wanting


def spark_session(folder: Path) -> Any:
    """A small Spark in this process, that writes nothing outside ``folder``."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.default.parallelism": "1",
        # small tables: reading a plan once costs more than running it
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.session.timeZone": "UTC",
    }
    builder = SparkSession.builder.master("local[2]").appName("ews tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Spark session for all tests."""
    if shutil.which("java") is None:
        wanting("Java is not installed, so Spark cannot run here")
    pytest.importorskip("pyspark", reason="pyspark is not installed (pip install ews[spark]).")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = spark_session(tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()


ON_SPARK = pytest.param(
    "spark",
    marks=[
        pytest.mark.spark,
        pytest.mark.slow,
        pytest.mark.timeout(900),
        pytest.mark.filterwarnings("ignore"),
    ],
)


@pytest.fixture(scope="session", params=["duckdb", ON_SPARK])
def engine(request: pytest.FixtureRequest) -> Any:
    """An Ibis backend, None for DuckDB; every spec table is computed on both."""
    if request.param == "duckdb":
        return None
    import ibis

    return ibis.pyspark.connect(request.getfixturevalue("spark"))
