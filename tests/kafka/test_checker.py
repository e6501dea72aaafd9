"""The checker finds what it is there to find: each planted fault, and none where there is none."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from harness.checker import model
from harness.checker.audit import ORIGIN, Sample
from harness.checker.contract import Fate, murmur2
from harness.checker.model import Model
from harness.checker.summaries import overlaps

PROCESSED, ERROR, CLEANED = Fate.PROCESSED, Fate.ERROR, Fate.CLEANED
Plant = Callable[[Model], None]


def test_finds_no_fault_in_a_good_pipeline() -> None:
    report = model.good().verdict()
    assert report.passed, report
    assert report.inputs == 180 == sum(report.counts.values())
    assert report.counts["none"] == 0 and report.repeats == 0
    assert min(report.counts[f.name.lower()] for f in model.FATES) > 10
    assert len(report.reasons) >= 5
    assert report.summaries["uncovered"] == 0


def test_checks_the_accounts_without_the_inputs_too() -> None:
    assert model.good().verdict(full=False).passed


def drop(fate: Fate) -> Plant:
    def plant(m: Model) -> None:
        del m.outputs[fate][m.find(fate)]

    return plant


def repeat(m: Model) -> None:
    m.outputs[PROCESSED].append(m.outputs[PROCESSED][m.find(PROCESSED)])
    m.repeats_max = 0


def swap(m: Model) -> None:
    at, other = m.find(PROCESSED, 3), m.find(PROCESSED, 4)
    found = m.outputs[PROCESSED]
    found[at], found[other] = found[other], found[at]


def also_as(fate: Fate) -> Plant:
    def plant(m: Model) -> None:
        m.outputs[fate].append(m.outputs[PROCESSED][m.find(PROCESSED)])

    return plant


def instead_as(fate: Fate) -> Plant:
    def plant(m: Model) -> None:
        m.outputs[fate].append(m.outputs[PROCESSED].pop(m.find(PROCESSED)))

    return plant


def replaced(fate: Fate, before: bytes, after: bytes) -> Plant:
    return lambda m: m.edit(fate, lambda value: value.replace(before, after))


def source_of(m: Model, fate: Fate) -> bytes:
    origin = dict(m.outputs[fate][m.find(fate)].headers)[ORIGIN] or b""
    partition, offset = origin.split(b"/")[1:]
    return m.inputs[int(partition)][int(offset) - 100].value or b""


def raw(fate: Fate, field: bytes) -> Plant:
    """The raw address or device id in place of its pseudonym."""

    def plant(m: Model) -> None:
        secret = source_of(m, fate).split(b'"' + field + b'": "')[1].split(b'"')[0]
        token = b'"' + field + b'":"'
        m.edit(fate, lambda v: v.split(token)[0] + token + secret + v.split(token)[1][64:])

    return plant


def in_content(field: bytes) -> Plant:
    token = b'"message_content":{'
    return replaced(ERROR, token, token + field + b",")


unknown_field = in_content(b'"session":"s-4711"')


def deep_address(m: Model) -> None:
    net = b'"net":{"hops":["198.51.100.77"]}'
    origin = dict(m.outputs[ERROR][m.find(ERROR)].headers)[ORIGIN] or b""
    partition, offset = (int(part) for part in origin.split(b"/")[1:])
    source = m.inputs[partition][offset - 100]
    value = (source.value or b"")[:-1] + b"," + net + b"}"
    m.inputs[partition][offset - 100] = source._replace(value=value)
    in_content(net)(m)


def raw_in_error_type(m: Model) -> None:
    secret = source_of(m, ERROR).split(b'"ip": "')[1].split(b'"')[0]
    m.edit(ERROR, lambda value: value.replace(b"Some fault", b"Bad address " + secret))


def raw_in_header(m: Model) -> None:
    secret = source_of(m, ERROR).split(b'"ip": "')[1].split(b'"')[0]
    m.replace_header(ERROR, "turnstile-worker", b"w/" + secret)


def wrong_hash(fate: Fate, field: bytes) -> Plant:
    def plant(m: Model) -> None:
        token = b'"' + field + b'":"'
        m.edit(fate, lambda v: v.split(token)[0] + token + b"f" * 64 + v.split(token)[1][64:])

    return plant


def header(fate: Fate, name: str, value: bytes | None) -> Plant:
    return lambda m: m.replace_header(fate, name, value)


def changed(fate: Fate, **fields: object) -> Plant:
    return lambda m: m.change(fate, **fields)


def early_commit(m: Model) -> None:
    at = m.find(PROCESSED)
    origin = dict(m.outputs[PROCESSED][at].headers)[ORIGIN] or b""
    del m.outputs[PROCESSED][at]
    m.committed[1] = int(origin.split(b"/")[2]) + 1


def sampled_early_commit(m: Model) -> None:
    ends = model.ends(m)
    ends[(PROCESSED, 1)] -= 1
    m.samples.append(Sample(dict(m.committed), ends))


def commit(partition: int, offset: int) -> Plant:
    def plant(m: Model) -> None:
        m.committed[partition] = offset

    return plant


def summary(nth: int, path: str, value: object) -> Plant:
    def change(found: dict[str, Any]) -> None:
        *way, last = path.split("/")
        for name in way:
            found = found[name]
        assert found[last] != value, "the plant changed nothing"
        found[last] = value

    return lambda m: m.edit_summary(nth, change)


def lost_summary(m: Model) -> None:
    del m.summaries[1]


def no_last_summary(m: Model) -> None:
    del m.summaries[-1]


def summary_twice(m: Model) -> None:
    m.summaries.insert(1, m.summaries[1])


DEVICES = "window/device_type_counts"
COVERS = "covers/user-login/0"

PLANTS: list[tuple[str, str, Plant]] = [
    ("lost", "a lost output", drop(PROCESSED)),
    ("lost", "a lost error record", drop(ERROR)),
    ("lost", "a lost filtered record", drop(CLEANED)),
    ("repeated", "a repeated output", repeat),
    ("order", "two swapped outputs", swap),
    ("two_fates", "an output that is also an error", also_as(ERROR)),
    ("two_fates", "an output that is also filtered", also_as(CLEANED)),
    ("wrong_fate", "a good event in the error topic", instead_as(ERROR)),
    ("wrong_fate", "a good event among the filtered", instead_as(CLEANED)),
    ("wrong_partition", "an output in another partition", changed(PROCESSED, partition=2)),
    ("wrong_partition", "an error record in another partition", changed(ERROR, partition=0)),
    ("foreign", "an origin beyond the end", header(PROCESSED, ORIGIN, b"user-login/1/999")),
    ("foreign", "an origin in no partition", header(ERROR, ORIGIN, b"user-login/7/101")),
    ("foreign", "an origin in another topic", header(CLEANED, ORIGIN, b"logins/1/101")),
    ("no_origin", "an output without origin", header(PROCESSED, ORIGIN, None)),
    ("no_origin", "an origin that is none", header(PROCESSED, ORIGIN, b"user-login")),
    ("raw_value", "a raw address in an output", raw(PROCESSED, b"ip")),
    ("raw_value", "a raw device id in an output", raw(PROCESSED, b"device_id")),
    ("raw_value", "a raw address in an error's content", raw(ERROR, b"ip")),
    ("raw_value", "a raw device id in a filtered record", raw(CLEANED, b"device_id")),
    ("raw_value", "a raw address in an error's text", raw_in_error_type),
    ("raw_value", "a raw address in a header", raw_in_header),
    ("wrong_pseudonym", "a wrong hash of an address", wrong_hash(PROCESSED, b"ip")),
    ("wrong_pseudonym", "a wrong hash of a device id", wrong_hash(PROCESSED, b"device_id")),
    ("wrong_pseudonym", "a wrong hash in an error", wrong_hash(ERROR, b"device_id")),
    ("wrong_timestamp", "a local time", replaced(PROCESSED, b'"2024-1', b'"2023-1')),
    ("wrong_timestamp", "an error without a time", replaced(ERROR, model.NOW.encode(), b"now")),
    ("wrong_value", "another locale", replaced(PROCESSED, b'"locale":"', b'"locale":"X')),
    ("wrong_value", "a value with blanks", replaced(PROCESSED, b'":"', b'": "')),
    ("wrong_value", "a value that is no JSON", changed(PROCESSED, value=b"oops")),
    ("wrong_value", "an error without content", replaced(ERROR, b'"app_version":"2.3.0",', b"")),
    ("raw_value", "an address deep in an error's content", deep_address),
    ("wrong_value", "an unknown field in an error", unknown_field),
    ("wrong_value", "an error of another", replaced(ERROR, b'"user_id":"us', b'"user_id":"US')),
    ("wrong_value", "another clean_type", replaced(CLEANED, b"filtered_app", b"other_app")),
    ("wrong_reason", "another reason in the value", replaced(ERROR, b"missing_f", b"other_f")),
    ("wrong_reason", "another reason in the header", header(ERROR, "turnstile-reason", b"bad")),
    ("wrong_headers", "a header of the input gone", header(PROCESSED, "trace", b"other")),
    (
        "wrong_headers",
        "the timestamp of another input",
        header(PROCESSED, "turnstile-origin-timestamp", b"17"),
    ),
    ("wrong_headers", "an error without stage", header(ERROR, "turnstile-stage", None)),
    ("wrong_key", "another key", changed(PROCESSED, key=b"other")),
    ("wrong_key", "a null key for an empty one", changed(CLEANED, key=b"")),
    ("wrong_record_time", "another record time", changed(PROCESSED, timestamp_ms=1)),
    ("commit_ahead", "a commit above what is written", early_commit),
    ("commit_ahead", "a commit beyond the end", commit(2, 161)),
    ("commit_ahead", "a commit that was early for a moment", sampled_early_commit),
    ("commit_behind", "a clean stop without a commit", commit(0, 159)),
    ("summary_total", "a wrong total", summary(2, "processed_count", 61)),
    ("summary_total", "a wrong count of a locale", summary(2, "locale_counts/KS", 500)),
    ("summary_total", "a summary that is none", summary(0, "window", {})),
    ("summary_window", "a wrong window", summary(1, "window/error_count", 99)),
    ("summary_window", "a window of other devices", summary(1, DEVICES, {"iOS": 20})),
    ("summary_window", "a cover that is too short", summary(0, COVERS, [[100, 110]])),
    ("summary_window", "a cover beyond the end", summary(0, COVERS, [[0, 110]])),
    ("summary_moment", "a summary at about the multiple", summary(0, "processed_count", 21)),
    ("summary_sequence", "a summary gone", lost_summary),
    ("summary_sequence", "a summary twice", summary_twice),
    ("summary_overlap", "offsets counted twice", summary_twice),
    ("uncovered", "no last summary", no_last_summary),
]


@pytest.mark.parametrize(("kind", "plant"), [pytest.param(k, p, id=name) for k, name, p in PLANTS])
def test_finds(kind: str, plant: Plant) -> None:
    broken = model.good()
    plant(broken)
    report = broken.verdict()
    assert not report.passed
    assert kind in report.faults, f"found only {report}"
    assert report.examples[kind]


def test_counts_repeats_that_are_allowed() -> None:
    again = model.good()
    again.outputs[PROCESSED] += again.outputs[PROCESSED][-5:]
    again.repeats_max = 5
    report = again.verdict()
    assert report.passed, report
    assert report.repeats == 5


def test_judges_the_order_of_first_occurrences_alone() -> None:
    replayed = model.good()
    at = replayed.find(PROCESSED, 8)
    found = replayed.outputs[PROCESSED]
    found[at:at] = [r for r in found[at - 4 : at] if r.partition == 1]
    report = replayed.verdict()
    assert report.passed, report
    assert report.repeats > 0


def test_allows_what_is_uncommitted_and_uncovered_after_a_kill() -> None:
    killed = model.good()
    killed.stopped = False
    killed.committed = {0: 130, 1: 100}
    del killed.summaries[-2:]
    report = killed.verdict()
    assert report.passed, report
    assert report.summaries["uncovered"] > 0


def test_accepts_samples_of_commits_that_came_after_their_outputs() -> None:
    sampled = model.good()
    sampled.samples += [Sample({0: 130}, model.ends(sampled)), Sample({}, {})]
    assert sampled.verdict().passed


def test_tells_each_mutant_of_an_output_from_the_original() -> None:
    """Any one byte changed in any output is noticed, whichever it is."""
    rng = random.Random(3)
    for fate in model.FATES:
        for _ in range(15):
            broken = model.good()
            at = broken.find(fate)
            value = bytearray(broken.outputs[fate][at].value or b"")
            where = rng.randrange(len(value))
            free = value.find(b"Some fault")
            if fate != PROCESSED and (0 <= where - free < 10 or where > len(value) - 25):
                continue  # The error's text and the time of writing are the worker's choice.
            value[where] ^= 1 << rng.randrange(7)
            broken.outputs[fate][at] = broken.outputs[fate][at]._replace(value=bytes(value))
            assert not broken.verdict().passed, bytes(value)


def test_murmur2_is_that_of_kafka() -> None:
    # From Kafka's own UtilsTest.
    known = {
        b"21": -973932308,
        b"foobar": -790332482,
        b"a-little-bit-long-string": -985981536,
        b"a-little-bit-longer-string": -1486304829,
        b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
        b"abc": 479470107,
    }
    assert {key: murmur2(key) for key in known} == {k: h % 2**32 for k, h in known.items()}


def test_overlaps_are_found_with_how_often() -> None:
    assert overlaps([(0, 10), (10, 20)]) == []
    assert overlaps([(0, 10), (5, 20)]) == [(5, 10, 2)]
    assert overlaps([(0, 10), (2, 4), (2, 4)]) == [(2, 4, 3)]


def test_allows_that_what_was_written_twice_is_counted_twice() -> None:
    again = model.good()
    again.outputs[PROCESSED] += [r for r in again.outputs[PROCESSED] if r.partition == 2]
    again.outputs[ERROR] += [r for r in again.outputs[ERROR] if r.partition == 2]
    again.outputs[CLEANED] += [r for r in again.outputs[CLEANED] if r.partition == 2]
    only = model.Model(inputs={2: again.inputs[2]}, outputs={}, worker="model-2")
    again.summaries += model.summarise(only)
    report = again.verdict()
    assert report.passed, report
    assert report.summaries["covered_again"] == 60 == report.repeats
