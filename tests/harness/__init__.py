"""What tests and measurements on a real Kafka are made of: brokers, topics, processes, judges."""
