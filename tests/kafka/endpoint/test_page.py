"""The page at `/` as a person has it: in a browser, beside a worker that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.browser import Browser
from harness.pipeline import Pipeline
from harness.secured import free_port
from harness.waiting import until
from harness.worker import Worker

BAD = b"no JSON"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@contextmanager
def shown(pipeline: Pipeline, browser: Browser, *options: str) -> Iterator[tuple[Worker, str]]:
    """A worker, and its page in the browser; in the end no fault and no stranger was seen."""
    port = free_port()
    worker = pipeline.worker("w1", f"http.listen=127.0.0.1:{port}", *options).start()
    worker.wait_for("worker starts")
    url = f"http://127.0.0.1:{port}/"
    browser.open(url)
    yield worker, url
    hosts = {asked.split("/")[2] for asked in browser.requests if not asked.startswith("data:")}
    assert hosts == {f"127.0.0.1:{port}"}


def received(browser: Browser) -> int:
    digits = [c for c in browser.text(".tile:first-child .tile-more") if c.isdigit()]
    return int("".join(digits) or 0)


def test_the_page_shows_a_worker_and_follows_the_events_that_pass(
    pipeline: Pipeline, browser: Browser
) -> None:
    pipeline.create_topics(3)
    with shown(pipeline, browser) as (worker, _):
        browser.wait_for("#phase", "ready", 40)
        browser.wait_for("#topology", pipeline.names.input[:10])
        assert received(browser) == 0
        pipeline.generate(3000, rate=300)
        until(lambda: received(browser) > 300, 30, "the page counts the events", every_s=0.5)
        before = received(browser)
        until(lambda: received(browser) > before, 10, "it goes on by itself", every_s=0.5)
        pipeline.produce([(p, BAD) for p in range(3)] * 20)
        browser.wait_for("#reasons", "invalid json")
        browser.wait_for("#summary", "locale")
        assert browser.run("document.querySelectorAll('#partitions tr').length") == 3
        assert "workers.id" in browser.text("#config")
        assert worker.stop() == 0
        browser.wait_for("#verdict", "The worker does not answer")
        browser.wait_for("#phase", "no answer")
    refused = "Failed to load resource: net::ERR_CONNECTION_REFUSED"
    assert [fault for fault in browser.faults if not fault.startswith(refused)] == []


def test_the_page_says_that_a_worker_has_lost_its_broker(
    pipeline: Pipeline, browser: Browser
) -> None:
    pipeline.create_topics(2)
    with shown(pipeline, browser) as (worker, _):
        pipeline.produce([(p, BAD) for p in range(2)] * 20)
        browser.wait_for("#verdict", "Has nothing to do", 40)
        with pipeline.cluster.frozen():
            browser.wait_for("#verdict", "The brokers do not answer", 30)
            browser.wait_for("#partitions", "leader does not answer")
        browser.wait_for("#verdict", "Has nothing to do", 40)
        assert worker.stop() == 0


def test_before_there_are_brokers_the_page_says_what_it_waits_for(
    pipeline: Pipeline, browser: Browser
) -> None:
    pipeline.workers_bootstrap = f"127.0.0.1:{free_port()}"
    with shown(pipeline, browser) as (worker, _):
        browser.wait_for("#verdict", "Waits for the brokers")
        assert pipeline.workers_bootstrap in browser.text("#verdict")
        assert browser.faults == []
        assert worker.stop() == 0


def test_with_a_token_the_page_asks_for_it_and_keeps_it_in_its_tab(
    pipeline: Pipeline, browser: Browser, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text("open sesame\n")
    pipeline.create_topics(1)
    with shown(pipeline, browser, f"http.token_file={token}") as (worker, url):

        def enter(text: str) -> None:
            browser.wait_for("#token-form", "wants a token")
            browser.run(f"document.querySelector('#token').value = {text!r}")
            browser.run("document.querySelector('#token-form').requestSubmit()")

        enter("open sesam")
        browser.wait_for("#token-fault", "does not know this token")
        assert browser.run("document.querySelector('#figures').offsetHeight") == 0
        enter("open sesame")
        browser.wait_for("#phase", "ready", 40)
        browser.open(url)
        browser.wait_for("#phase", "ready")
        assert worker.stop() == 0


def test_the_page_is_used_by_keyboard_and_on_a_phone(pipeline: Pipeline, browser: Browser) -> None:
    pipeline.create_topics(2)
    with shown(pipeline, browser) as (worker, _):
        browser.wait_for("#phase", "ready", 40)
        pipeline.produce([(p, BAD) for p in range(2)] * 200)
        browser.wait_for("#reasons", "invalid json", 30)
        browser.run("document.querySelector('#outcomes svg').focus()")
        browser.press("ArrowLeft")
        assert " at " in browser.text("section[aria-labelledby=outcomes-title] .hint")
        browser.run("document.querySelector('#config-find').focus()")
        browser.run("document.querySelector('#config-find').value = 'linger'")
        browser.run("document.querySelector('#config-find').dispatchEvent(new Event('input'))")
        assert browser.text("#config").startswith("producer.linger_ms")
        for scheme in ("light", "dark"):
            browser.show_as(390, 844, scheme)
            assert browser.run("document.documentElement.scrollWidth") == 390
        assert worker.stop() == 0
