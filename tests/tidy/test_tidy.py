"""Style that can be decided by a program: sizes, include directions, headers, the file map."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
PAGE_COLUMNS_MAX = 120
CELL_COLUMNS_MAX = 200
FOLDERS = (
    *("core", "event", "config", "audit", "figures", "messages", "kafka_io", "actors", "generate"),
    *("app", "bench", "tests"),
)
FOLDER_FILES_MAX = 30

# By folder, the longest name that fits: what its files may not include, and why is
# ARCHITECTURE.md's "who may include whom".
LIBRARIES = ("caf/", "librdkafka/")
FORBIDDEN = {
    "core": (*LIBRARIES, *(f"{f}/" for f in FOLDERS if f != "core")),
    "event": (*LIBRARIES, *(f"{f}/" for f in FOLDERS if f not in ("core", "event"))),
    "config": (*LIBRARIES, *(f"{f}/" for f in FOLDERS if f not in ("core", "event", "config"))),
    "audit": (*LIBRARIES, *(f"{f}/" for f in FOLDERS if f not in ("core", "event", "audit"))),
    "figures": (*LIBRARIES, *(f"{f}/" for f in FOLDERS if f not in ("core", "figures"))),
    "audit/run": (*LIBRARIES, "figures/", "messages/", "actors/", "generate/", "app/"),
    "generate": (*LIBRARIES, "audit/", "figures/", "config/", "messages/", "actors/", "app/"),
    "kafka_io": (
        "caf/",
        *("figures/", "event/", "audit/", "messages/", "actors/", "generate/", "app/"),
    ),
    "messages": (
        "librdkafka/",
        *("figures/", "event/", "config/", "audit/", "actors/", "generate/", "app/"),
    ),
    "actors": ("librdkafka/", "config/", "audit/", "generate/", "app/"),
    "app": ("librdkafka/",),
    # It only reads: it knows nobody who writes, and joins no group.
    "app/shadow": (
        *(*LIBRARIES, "messages/", "actors/", "generate/", "figures/", "kafka_io/worker/"),
        *("kafka_io/tools/topic_writer.hpp", "kafka_io/ask/topics.hpp", "app/worker/"),
    ),
}
PORTS = re.compile(r"kafka_io/[^/]+$")  # All that messages and actors may know of kafka_io/.

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
HEADER = re.compile(r"\A(?://(?: .*)?\n)+#pragma once\n")
PROMISE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b(?!\(#\d+\))")
FUNCTION = re.compile(r"^(?!namespace|class|struct|enum|union|extern|#|//|\s)[^;=]*\(")
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or would be, in the repository."""
    told = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(set(filter(None, told.stdout.split("\0"))))
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


def text_of(path: Path) -> str:
    return (ROOT / path).read_text(errors="replace")


def is_script(path: Path) -> bool:
    return path.parts[0] in ("scripts", ".ci") and not path.suffix


def sources(*suffixes: str) -> list[Path]:
    return [path for path in tracked() if path.suffix in suffixes]


def report(faults: Iterator[str]) -> None:
    found = list(faults)
    if found:
        pytest.fail("\n".join(found), pytrace=False)


def test_no_source_file_is_longer_than_a_reader_can_hold() -> None:
    def faults() -> Iterator[str]:
        for path in [*sources(".cpp", ".hpp", ".py"), *filter(is_script, tracked())]:
            lines = text_of(path).count("\n")
            if lines > FILE_LINES_MAX:
                yield f"{path}: {lines} lines, at most {FILE_LINES_MAX}"

    report(faults())


def cpp_functions(path: Path) -> Iterator[tuple[int, int]]:
    """First line and length of each function that stands at the left margin."""
    begin, has_body = 0, False
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if line.startswith("}"):
            if begin and has_body:
                yield begin, number - begin + 1
            begin, has_body = 0, False
        elif not begin and FUNCTION.match(line):
            begin = number
        has_body = has_body or (begin > 0 and line.endswith("{"))
        if begin and not has_body and line.endswith((";", "}")):
            begin = 0  # A declaration, or a function on one line.


def python_functions(path: Path) -> Iterator[tuple[int, int]]:
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            yield node.lineno, node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_a_screen() -> None:
    def faults() -> Iterator[str]:
        for path in sources(".cpp", ".hpp", ".py"):
            functions = python_functions if path.suffix == ".py" else cpp_functions
            for line, length in functions(path):
                if length > FUNCTION_LINES_MAX:
                    yield f"{path}:{line}: {length} lines, at most {FUNCTION_LINES_MAX}"

    report(faults())


def includes(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1)


def rule_of(path: Path) -> str:
    """The folder in FORBIDDEN whose rule holds for a file."""
    return max((f for f in FORBIDDEN if path.is_relative_to(f)), key=len, default="")


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_includes_point_in_the_allowed_directions_only(folder: str) -> None:
    def faults() -> Iterator[str]:
        for path in sources(".cpp", ".hpp"):
            if rule_of(path) != folder:
                continue
            for number, included in includes(path):
                if included.startswith((*FORBIDDEN[folder], "../")):
                    yield f"{path}:{number}: {folder}/ may not include {included}"

    report(faults())


@pytest.mark.parametrize("folder", ["messages", "actors"])
def test_engine_knows_the_ports_of_kafka_io_only(folder: str) -> None:
    def faults() -> Iterator[str]:
        for path in sources(".cpp", ".hpp"):
            if path.parts[0] != folder:
                continue
            for number, included in includes(path):
                if included.startswith("kafka_io/") and not PORTS.match(included):
                    yield f"{path}:{number}: includes {included}, which is no port"

    report(faults())


def test_no_folder_holds_more_than_a_reader_can_look_over() -> None:
    sizes = Counter(path.parent for path in sources(".cpp", ".hpp", ".py"))
    report(
        f"{folder}/ holds {count} files, at most {FOLDER_FILES_MAX}"
        for folder, count in sorted(sizes.items())
        if count > FOLDER_FILES_MAX
    )


def test_only_programs_say_where_python_finds_modules() -> None:
    """pytest is told by pyproject.toml; the programs in scripts/ by the package they begin with."""
    allowed = {Path("scripts/bench_lib/__init__.py"), Path("tests/kafka/checker.py")}
    report(
        f"{path} changes where modules are found"
        for path in sources(".py")
        if path not in allowed and re.search(r"sys\.path", text_of(path))
    )


def test_folders_include_each_other_in_no_circle() -> None:
    arrows = defaultdict(set)
    for path in sources(".cpp", ".hpp"):
        if path.parts[0] in ("tests", "bench"):
            continue
        for _, included in includes(path):
            if "/" in included and (ROOT / included).is_file():
                arrows[path.parent].add(Path(included).parent)
    graph = {folder: targets - {folder} for folder, targets in arrows.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(str(folder) for folder in error.args[1]), pytrace=False)


def test_every_header_begins_with_what_it_is_for() -> None:
    def faults() -> Iterator[str]:
        for path in sources(".hpp"):
            if not HEADER.match(text_of(path)):
                yield f"{path}: begins with no comment paragraph that #pragma once follows"

    report(faults())


def test_every_promise_of_later_work_names_an_issue() -> None:
    def faults() -> Iterator[str]:
        for path in [*sources(".cpp", ".hpp", ".py", ".build"), *filter(is_script, tracked())]:
            for number, line in enumerate(text_of(path).splitlines(), start=1):
                if PROMISE.search(line):
                    yield f"{path}:{number}: {line.strip()}"

    report(faults())


def test_no_line_ends_in_blanks_and_every_file_ends_with_a_newline() -> None:
    def faults() -> Iterator[str]:
        for path in tracked():
            text = text_of(path)
            if "\0" in text:
                continue
            for number, line in enumerate(text.split("\n"), start=1):
                if line != line.rstrip(" \t\r"):
                    yield f"{path}:{number}: blanks at the end"
            if text and not text.endswith("\n"):
                yield f"{path}: no newline at the end"

    report(faults())


def file_map() -> str:
    """The section of ARCHITECTURE.md that is headed `File map`."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    found = re.search(r"^(#+) .*file map.*$", text, re.IGNORECASE | re.MULTILINE)
    assert found, "ARCHITECTURE.md has no heading with 'File map'"
    rest = text[found.end() :]
    following = re.search(rf"^#{{1,{len(found.group(1))}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def test_the_file_map_names_only_what_exists() -> None:
    """A name in backticks is a path from the root, or from the folder its line begins with."""

    def faults() -> Iterator[str]:
        for line in file_map().splitlines():
            names = [n for n in PATH.findall(line) if "/" in n or "." in n]  # The rest are words.
            for name in names:
                if not (ROOT / name).exists() and not (ROOT / names[0] / name).exists():
                    yield f"ARCHITECTURE.md names {name}, which is not there"

    report(faults())


@cache
def page_of_files() -> str:
    made = subprocess.run([ROOT / "scripts/file-map"], capture_output=True, text=True, check=True)
    return made.stdout


def test_the_page_of_files_says_what_the_headers_say() -> None:
    if (ROOT / "docs/file-map.md").read_text() != page_of_files():
        pytest.fail("docs/file-map.md is old: run scripts/file-map --fix", pytrace=False)


def test_every_source_says_what_it_is_in_one_sentence() -> None:
    """A header, or a .cpp without one."""
    row = re.compile(r"^\| \[.*\]\(\.\./(.*)\) \| (.*) \|$", re.MULTILINE)
    told = dict(row.findall(page_of_files()))
    report(
        f"{path}: its first comment begins with no sentence of 10 to 200 characters"
        for path in sources(".hpp", ".cpp")
        if path.parts[0] != "tests"
        and (path.suffix == ".hpp" or not (ROOT / path).with_suffix(".hpp").is_file())
        and not 10 <= len(told.get(path.as_posix(), "")) <= 200
    )


def test_the_file_map_says_what_each_folder_of_sources_holds() -> None:
    silent = re.findall(r"^## (.*)\n\n(?!Holds: )", page_of_files(), re.MULTILINE)
    report(f"ARCHITECTURE.md's table of folders lacks {folder}" for folder in silent)


def test_every_path_that_a_page_names_is_there() -> None:
    """In backticks, from the root; of a pair of files the suffix may be left out."""
    folders = {*FOLDERS, "deploy", "docs", "scripts"}

    def faults() -> Iterator[str]:
        for page in sources(".md"):
            for name in PATH.findall(text_of(page)):
                if "/" not in name or name.split("/")[0] not in folders:
                    continue
                if not any((ROOT / (name + suffix)).exists() for suffix in ("", ".hpp", ".cpp")):
                    yield f"{page} names {name}, which is not there"

    report(faults())


def columns_of(line: str) -> Iterator[tuple[int, int]]:
    """How long the parts of a line of Markdown are, and how long they may be."""
    if line.startswith("|"):
        for cell in re.sub(r"\]\([^)]*\)", "]", line).split("|"):
            yield len(cell.strip()), CELL_COLUMNS_MAX
    elif not line.startswith("!["):
        yield len(line), PAGE_COLUMNS_MAX


def test_no_page_has_lines_or_cells_that_a_reader_loses() -> None:
    """CONFIGURATION.md is made from help texts."""

    def faults() -> Iterator[str]:
        for page in sources(".md"):
            text = re.sub(r"^```.*?^```", "", text_of(page), flags=re.MULTILINE | re.DOTALL)
            for line in text.splitlines() if page.name != "CONFIGURATION.md" else ():
                for columns, most in columns_of(line):
                    if columns > most:
                        yield f"{page}: {columns} columns, at most {most}: {line[:60]}…"

    report(faults())


def test_each_page_of_a_decision_has_its_own_number_and_is_linked_by_it() -> None:
    pages = sorted(path for path in sources(".md") if path.parent == Path("docs/decisions"))
    table = text_of(Path("ARCHITECTURE.md"))
    counted = Counter(page.name.split("-")[0] for page in pages)
    report(f"docs/decisions has {n} twice" for n, count in counted.items() if count > 1)
    report(
        f"ARCHITECTURE.md does not link {page}"
        for page in pages
        if f"[{int(page.name.split('-')[0])}]({page})" not in table
    )


def test_every_name_of_the_code_that_a_page_names_is_there() -> None:
    """`type::member` in backticks: both are words of the code."""
    words = {
        word
        for path in sources(".hpp", ".cpp")
        if path.parts[0] != "tests"
        for word in re.findall(r"\w+", text_of(path))
    }

    def faults() -> Iterator[str]:
        for page in sources(".md"):
            for name in re.findall(r"`(\w+(?:::\w+)+)`", text_of(page)):
                if not words.issuperset(name.split("::")):
                    yield f"{page} names {name}, which is not there"

    report(faults())


def test_the_file_map_names_every_folder_of_sources() -> None:
    text = file_map()
    folders = {path.parts[0] for path in sources(".cpp", ".hpp", ".py")} | {"deploy", "scripts"}
    report(f"ARCHITECTURE.md's file map lacks {f}/" for f in sorted(folders) if f"{f}/" not in text)


def test_every_source_folder_is_known_to_the_rules() -> None:
    found = {path.parts[0] for path in sources(".cpp", ".hpp")}
    report(f"{folder}/ has no rule here" for folder in sorted(found - {*FOLDERS}))


@pytest.mark.parametrize("path", [p for p in tracked() if is_script(p)], ids=str)
def test_every_script_can_be_run_and_shellcheck_finds_no_fault(path: Path) -> None:
    assert (ROOT / path).stat().st_mode & 0o111, f"{path} has no run bit"
    if not text_of(path).startswith("#!/usr/bin/env bash\n"):
        return
    checked = subprocess.run(
        ["shellcheck", path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_warning_and_error_of_the_log_is_explained() -> None:
    page = (ROOT / "docs/log-events.md").read_text()
    call = re.compile(r"log_(?:warning|error)\(\s*((?:\"[^\"]*\"\s*)+)")
    events = {
        "".join(re.findall(r'"([^"]*)"', found[1]))
        for path in sources(".cpp")
        if path.parts[0] not in ("tests", "bench")
        for found in call.finditer(text_of(path))
    }
    assert len(events) > 25
    assert sorted(event for event in events if f"`{event}`" not in page) == []
