"""The hand-made runs of `made.py` and `made_sure.py`, as a fixture."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def made() -> SimpleNamespace:
    here = Path(__file__).parent
    return SimpleNamespace(**(runpy.run_path(str(here / "made_sure.py")) | runpy.run_path(str(here / "made.py"))))
