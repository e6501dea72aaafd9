"""The harness of the tests, where it can be tried without a Kafka."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("confluent_kafka")
from confluent_kafka import KafkaError, KafkaException
from harness import topics


def test_a_partition_that_is_without_its_leader_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def failure(code: int) -> KafkaException:
        return KafkaException(KafkaError(code))

    monkeypatch.setattr(topics, "ASK_AGAIN_S", 0)
    without_leader = failure(KafkaError.NOT_LEADER_FOR_PARTITION)
    answers: Iterator[int | KafkaException] = iter([without_leader, without_leader, 7])

    def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert topics.patiently(ask) == 7
    answers = iter([failure(KafkaError.TOPIC_AUTHORIZATION_FAILED), 7])
    with pytest.raises(KafkaException):
        topics.patiently(ask)
    monkeypatch.setattr(topics, "PATIENT_S", -1)
    answers = iter([without_leader, 7])
    with pytest.raises(KafkaException):
        topics.patiently(ask)
