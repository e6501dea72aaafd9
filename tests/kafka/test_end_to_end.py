"""What becomes of records, on a real broker, when nothing goes wrong."""

from __future__ import annotations

from collections.abc import Callable

from harness.checker.contract import Fate
from harness.events import event
from harness.pipeline import Pipeline

PLENTY = {"max.message.bytes": "4194304"}
TIGHT = {"max.message.bytes": "4000"}


def test_every_one_of_200000_mixed_records_ends_as_the_generator_says(
    pipeline: Pipeline, tell: Callable[..., None]
) -> None:
    pipeline.create_topics(24, input=PLENTY)
    worker = pipeline.worker().start()
    sent = pipeline.generate(200_000, mix="mixed").finish()
    report = pipeline.finish(worker, repeats_max=0)
    assert report.counts == {
        "none": 0,
        "processed": sent.processed,
        "error": sum(sent.errors.values()),
        "cleaned": sent.filtered,
    }
    assert report.reasons == sent.errors
    assert sent.sent == 200_000 == report.inputs
    assert len(sent.errors) >= 10, "the mix has too few kinds of errors to show much"
    assert report.summaries["summaries"] == sent.processed // 1000 + 1
    tell(records=report.inputs, summaries=report.summaries["summaries"])


def test_a_worker_that_sees_only_bad_records_still_moves_its_offsets(pipeline: Pipeline) -> None:
    pipeline.create_topics(4, input=PLENTY)
    worker = pipeline.worker().start()
    sent = pipeline.generate(5_000, mix="bad").finish()
    report = pipeline.finish(worker, repeats_max=0)
    assert report.counts["error"] == 5_000 and report.reasons == sent.errors


def test_one_partition_keeps_its_order_through_four_transformers(pipeline: Pipeline) -> None:
    pipeline.create_topics(1)
    # Small batches, so that neighbours are with different transformers at the same time.
    options = ("workers.transformers=4", "workers.threads=4", "batch.records_max=16")
    pipeline.generate(30_000).finish()
    worker = pipeline.worker("w1", *options).start()
    report = pipeline.finish(worker, repeats_max=0)
    assert report.inputs == 30_000


def test_a_hundred_partitions_that_share_a_queue_keep_their_order(pipeline: Pipeline) -> None:
    pipeline.create_topics(100)
    pipeline.generate(100_000).finish()
    worker = pipeline.worker().start()
    report = pipeline.finish(worker, repeats_max=0)
    assert report.inputs == 100_000


def test_an_output_beyond_its_topics_limit_becomes_an_error_and_harms_no_neighbour(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(2, processed=TIGHT)
    values = [event(n, note="x" * (6_000 if n % 10 == 5 else 20)) for n in range(1_000)]
    pipeline.produce([(n % 2, value) for n, value in enumerate(values)], key=b"key")
    worker = pipeline.worker().start()
    limits = {Fate.PROCESSED: int(TIGHT["max.message.bytes"])}
    report = pipeline.finish(worker, repeats_max=0, record_bytes_max=limits)
    assert report.reasons == {"too_large": 100}
    assert report.counts["processed"] == 900


def test_an_error_record_beyond_its_topics_limit_gives_up_content_but_is_written(
    pipeline: Pipeline,
) -> None:
    pipeline.create_topics(1, errors=TIGHT)
    bad = [event(n, timestamp=-1, note="x" * 6_000) for n in range(50)]
    pipeline.produce([(0, value) for value in bad])
    worker = pipeline.worker().start()
    report = pipeline.finish(worker, repeats_max=0)
    assert report.reasons == {"bad_timestamp": 50}


def test_outputs_go_by_key_where_their_topic_has_fewer_partitions(pipeline: Pipeline) -> None:
    pipeline.create_topics(6)
    pipeline.cluster.delete_topic(pipeline.names.processed)
    pipeline.cluster.create_topics({pipeline.names.processed: 4})
    pipeline.generate(5_000).finish()
    pipeline.produce([(p, event(p)) for p in range(6)])  # Without a key: modulo.
    worker = pipeline.worker().start()
    pipeline.finish(worker, repeats_max=0)
