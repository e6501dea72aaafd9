"""scripts/terminal-picture draws what a terminal shows, and README's picture is of this program."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get("BUILD_DIR", "build") / "turnstile"
SVG = "{http://www.w3.org/2000/svg}"


def picture_of(*command: str) -> str:
    done = subprocess.run(
        [ROOT / "scripts/terminal-picture", *command],
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def lines(picture: str) -> list[str]:
    """The text of each line but the title."""
    texts = ElementTree.fromstring(picture).findall(f"{SVG}text")
    return ["".join(text.itertext()) for text in texts][1:]


def test_a_line_that_is_drawn_again_shows_its_last_state() -> None:
    assert lines(picture_of("printf", r"one 1\r\033[Kone 22\r\033[Kdone\nnext\n")) == [
        "done",
        "next",
    ]


def test_colours_become_styles_and_text_stays_text() -> None:
    picture = picture_of("printf", r"\033[1mbold\033[0m <&> \033[32mgreen\033[0m\n")
    spans = ElementTree.fromstring(picture).iter(f"{SVG}tspan")
    found = [(span.get("class"), (span.text or "").strip()) for span in spans]
    assert found == [("b", "bold"), (None, "<&>"), ("g", "green")]


def test_a_command_that_fails_makes_no_picture() -> None:
    done = subprocess.run(
        [ROOT / "scripts/terminal-picture", "false"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert not done.stdout


def labels(picture: str) -> list[str]:
    """How each line begins, whatever the values of a run are; of the events only the headings."""
    all_lines = lines(picture)
    tables = all_lines.index("Where the events ended")
    kept = [line for n, line in enumerate(all_lines) if n >= tables or not line.startswith(" ")]
    return [match[0] for line in kept if (match := re.search(r"[A-Za-z_-]+", line))]


def test_the_picture_of_the_demo_has_the_lines_that_the_demo_prints() -> None:
    kept = (ROOT / "docs/demo.svg").read_text()
    assert labels(kept) == labels(picture_of(str(PROGRAM), "demo")), (
        "make docs/demo.svg again: scripts/terminal-picture --help says how"
    )
