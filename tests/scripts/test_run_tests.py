"""scripts/test counts what ran, and nothing that went wrong counts as passed."""

from __future__ import annotations

from pathlib import Path

import pytest
import run_tests

DOCTEST = "[doctest] test cases:  7 |  5 passed | 2 failed | 1 skipped"
GOOD = "echo '[doctest] test cases: 3 | 3 passed | 0 failed | 0 skipped'"


def outcome(tmp_path: Path, command: str, timeout_s: float | None = 20.0) -> str:
    part = run_tests.Part("part", ["/bin/sh", "-c", command], timeout_s)
    return str(run_tests.run(part, tmp_path, tmp_path))


@pytest.mark.parametrize(
    ("command", "counted"),
    [
        (f"echo '{DOCTEST}'; exit 1", "5 passed, 2 failed, 1 skipped"),
        (f"echo '{DOCTEST}'; echo '{DOCTEST}'; exit 1", "10 passed, 4 failed, 2 skipped"),
        (GOOD, "3 passed, 0 failed, 0 skipped"),
        ("echo no summary", "1 passed, 0 failed, 0 skipped"),
        ("exit 3", "0 passed, 1 failed, 0 skipped"),
        ("kill -SEGV $$", "0 passed, 1 failed, 0 skipped"),
    ],
)
def test_counts_a_program_by_its_summary_or_its_end(
    tmp_path: Path, command: str, counted: str
) -> None:
    assert outcome(tmp_path, command) == counted


def test_a_good_summary_does_not_hide_a_bad_end(tmp_path: Path) -> None:
    assert outcome(tmp_path, GOOD + "; exit 1") == "3 passed, 1 failed, 0 skipped"


def test_a_part_that_is_not_known_is_bad_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run_tests, "program_parts", lambda build, slower: [])
    with pytest.raises(SystemExit) as ended:
        run_tests.chosen_parts(["nonsense"], tmp_path, tmp_path, 1.0)
    assert ended.value.code == 64
    assert "no part 'nonsense'; there are: chaos," in capsys.readouterr().err


def test_names_the_cases_of_a_program_that_failed(tmp_path: Path) -> None:
    shown = (
        f"printf 'TEST CASE:  one fails\\n\\nTEST CASE:  one fails\\n'; echo '{DOCTEST}'; exit 1"
    )
    part = run_tests.Part("part", ["/bin/sh", "-c", shown], 20.0)
    assert run_tests.run(part, tmp_path, tmp_path).failed_names == ["one fails"]


def test_ends_a_program_that_takes_too_long(tmp_path: Path) -> None:
    assert outcome(tmp_path, "exec sleep 60", 0.3) == "0 passed, 1 failed, 0 skipped"


def test_counts_pytest_by_its_junit_file_and_names_what_was_skipped(tmp_path: Path) -> None:
    tests = tmp_path / "test_four.py"
    tests.write_text(
        "import pytest\n"
        "def test_good(): pass\n"
        "def test_bad(): assert False\n"
        "def test_skipped(): pytest.skip('no broker')\n"
        "@pytest.fixture\n"
        "def broken(): raise OSError\n"
        "def test_error(broken): pass\n"
    )
    part = run_tests.pytest_part("four", tests, tmp_path)
    count = run_tests.run(part, tmp_path, tmp_path)
    assert str(count) == "1 passed, 2 failed, 1 skipped"
    assert count.failed_names == ["test_four::test_bad", "test_four::test_error"]
    assert count.skipped_names == ["test_four::test_skipped: no broker"]


def test_a_pytest_part_without_tests_fails(tmp_path: Path) -> None:
    part = run_tests.pytest_part("none", tmp_path, tmp_path)
    assert str(run_tests.run(part, tmp_path, tmp_path)) == "0 passed, 1 failed, 0 skipped"
