"""`turnstile audit` on topics that were compacted, have grown, or are asked for from a time on."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from harness.audits import audit, command, moving
from harness.events import event
from harness.pipeline import Pipeline
from harness.planting import good_outputs, publish
from harness.topics import Span, read
from harness.waiting import until

COMPACTED_S = 60.0
EX_USAGE = 64
# Every record begins a segment, so that the cleaner may take all but the last.
COMPACT = {
    "cleanup.policy": "compact",
    "segment.ms": "1",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "1",
}


def offsets_left(pipeline: Pipeline) -> int:
    spans = {p: Span(0, end) for p, end in pipeline.input_ends().items()}
    return sum(1 for _ in read(pipeline.cluster.bootstrap, pipeline.names.input, spans))


def test_what_compaction_took_from_the_input_is_no_loss(pipeline: Pipeline) -> None:
    pipeline.create_topics(1, input=COMPACT)
    for n in range(20):  # One batch each: the cleaner rolls segments between batches.
        pipeline.produce([(0, event(n))], key=f"key {n % 4}".encode())
    until(lambda: offsets_left(pipeline) < 10, COMPACTED_S, "compacted", every_s=0.5)
    left_before = offsets_left(pipeline)
    worker = pipeline.worker().start()
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    code, audited = audit(pipeline, "--stopped")
    assert (code, audited["verdict"]) == (0, "exactly_once"), audited
    # The cleaner may have taken more meanwhile.
    assert offsets_left(pipeline) <= audited["inputs"] <= left_before
    assert audited["inputs"] + audited["no_record"] == 20


def test_an_input_without_output_is_unknown_where_the_outputs_are_compacted(
    pipeline: Pipeline,
) -> None:
    outputs = good_outputs(pipeline, 20)
    publish(pipeline, pipeline.names.processed, outputs[:15])
    code, audited = audit(pipeline, group=False)
    assert (code, audited["missing"], audited["unknown"]) == (1, 5, 0)
    pipeline.cluster.configure(pipeline.names.processed, {"cleanup.policy": "compact"})
    code, audited = audit(pipeline, group=False)
    assert (code, audited["missing"], audited["unknown"]) == (1, 0, 5)
    assert audited["verdict"] == "not_known"


def test_since_a_time_only_later_inputs_count(pipeline: Pipeline) -> None:
    outputs = good_outputs(pipeline, 20)
    publish(pipeline, pipeline.names.processed, outputs[:10])
    last = max(output.timestamp_ms for output in outputs)
    moment = last // 1000 + 1
    until(lambda: time.time() > moment, 5, "the next second has begun")
    pipeline.produce([(n % 2, event(n)) for n in range(8)], key=b"key")
    code, audited = audit(pipeline, group=False)
    assert (code, audited["inputs"], audited["missing"]) == (1, 28, 18)
    code, audited = audit(pipeline, "--since", str(moment), group=False)
    assert (code, audited["inputs"], audited["unknown"]) == (1, 8, 8), "no output since: not known"
    worker = pipeline.worker().start()  # Nothing is committed: it begins at the beginning.
    pipeline.wait_until_all_is_committed()
    assert worker.stop() == 0
    code, audited = audit(pipeline, "--since", str(moment))
    assert (code, audited["inputs"], audited["processed"]) == (0, 8, 8), audited
    code, audited = audit(pipeline)
    assert (code, audited["repeats"]) == (1, 10)


def test_partitions_that_were_added_are_audited_too(pipeline: Pipeline) -> None:
    publish(pipeline, pipeline.names.processed, good_outputs(pipeline, 20))
    code, audited = audit(pipeline, group=False)
    assert (code, len(audited["partitions"])) == (0, 2)
    for topic in (pipeline.names.input, pipeline.names.processed):
        pipeline.cluster.grow(topic, 4)
    pipeline.produce([(n % 4, event(n)) for n in range(8)], key=b"key")
    code, audited = audit(pipeline, group=False)
    assert (code, len(audited["partitions"]), audited["missing"]) == (1, 4, 8)


def test_a_moving_audit_refuses_to_go_on_where_partitions_were_added(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    publish(pipeline, pipeline.names.processed, good_outputs(pipeline, 20))
    state = ("--follow", "--interval", "1", "--state", str(tmp_path / "audit.state"))
    seen, code = moving(pipeline, state, lambda seen: seen["processed"] == 20)
    assert (seen["missing"], code) == (0, 0)
    pipeline.cluster.grow(pipeline.names.input, 3)
    asked = command(pipeline, *state, group=False)
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == EX_USAGE and "other numbers of partitions" in done.stderr, done


def test_a_moving_audit_does_not_replace_a_state_that_it_cannot_read(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    pipeline.create_topics(1)
    asked = command(pipeline, "--follow", "--state", str(tmp_path), group=False)
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == EX_USAGE and f"--state {tmp_path}: cannot be read" in done.stderr, (
        done
    )
