"""Faults on a real Kafka, and the legs that inject them; see scripts/chaos."""
