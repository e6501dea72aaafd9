import java.nio.charset.StandardCharsets;

/** What scripts/bench-peers tells a peer, by its environment, and what both jobs name alike. */
final class Job {
  static final String ORIGIN_HEADER = "turnstile-origin";
  static final String BROKERS = System.getenv("BROKERS");
  static final String GROUP = System.getenv("GROUP");
  static final String INPUT = System.getenv("INPUT");

  /** Threads of Kafka Streams, parallelism of Flink. */
  static final int THREADS = Integer.parseInt(System.getenv().getOrDefault("THREADS", "2"));

  static final String CODEC = System.getenv("CODEC");

  static final boolean EXACTLY_ONCE = "exactly-once".equals(System.getenv("GUARANTEE"));

  static Transform transform() {
    return "nested".equals(System.getenv("JOB")) ? new NestedTransform() : new LoginTransform();
  }

  static String output(Transform.Fate fate) {
    return System.getenv(switch (fate) {
      case PROCESSED -> "PROCESSED";
      case ERROR -> "ERRORS";
      case CLEANED -> "CLEANED";
    });
  }

  static byte[] origin(String topic, int partition, long offset) {
    return (topic + '/' + partition + '/' + offset).getBytes(StandardCharsets.UTF_8);
  }

  private Job() {}
}
