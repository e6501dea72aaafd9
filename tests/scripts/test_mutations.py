"""The table of mutations fits the code as it is; `scripts/mutations` carries it out."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("mutations", str(ROOT / "scripts" / "mutations"))
    spec = importlib.util.spec_from_loader("mutations", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = module
    loader.exec_module(module)
    return module


mutations = load()
TABLE = mutations.read_table()


@pytest.mark.parametrize("mutation", TABLE, ids=[one.name for one in TABLE])
def test_a_mutation_fits_its_file_and_names_a_test_that_exists(mutation: Any) -> None:
    text = (ROOT / mutation.file).read_text()
    assert mutation.changed(text) != text
    cases = [file.read_text() for file in (ROOT / "tests" / mutation.program).rglob("*.cpp")]
    assert sum(f'"{mutation.caught_by}"' in text for text in cases) == 1
