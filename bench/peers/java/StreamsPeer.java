import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** The job in Kafka Streams: Processor API, bytes in and out, no state. */
final class StreamsPeer {
  /** An output and the partition it goes to, which a partitioner cannot know otherwise. */
  record Output(byte[] value, int partition) {}

  static final class Judge implements Processor<byte[], byte[], byte[], Output> {
    private final Transform transform = Job.transform();
    private ProcessorContext<byte[], Output> context;

    @Override public void init(ProcessorContext<byte[], Output> given) { context = given; }

    @Override public void process(Record<byte[], byte[]> record) {
      var from = context.recordMetadata().orElseThrow();
      var outcome = transform.apply(record.value());
      record.headers().add(Job.ORIGIN_HEADER,
          Job.origin(from.topic(), from.partition(), from.offset()));
      context.forward(record.withValue(new Output(outcome.value(), from.partition())),
          outcome.fate().name());
    }
  }

  static Topology topology() {
    Serializer<Output> valueOf = (topic, output) -> output.value();
    StreamPartitioner<byte[], Output> samePartition =
        (topic, key, output, partitions) -> Optional.of(Set.of(output.partition()));
    var topology = new Topology();
    topology.addSource("input", new ByteArrayDeserializer(), new ByteArrayDeserializer(), Job.INPUT);
    topology.addProcessor("judge", Judge::new, "input");
    for (var fate : Transform.Fate.values()) {
      topology.addSink(fate.name(), Job.output(fate), new ByteArraySerializer(), valueOf,
          samePartition, "judge");
    }
    return topology;
  }

  static Properties settings() {
    var settings = new Properties();
    settings.putAll(Map.of(
        StreamsConfig.APPLICATION_ID_CONFIG, Job.GROUP,
        StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, Job.BROKERS,
        StreamsConfig.NUM_STREAM_THREADS_CONFIG, Job.THREADS,
        StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
        Job.EXACTLY_ONCE ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE,
        // Each commit flushes the producer and waits.
        StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, Job.EXACTLY_ONCE ? 200 : 1_000,
        StreamsConfig.STATE_DIR_CONFIG, System.getProperty("java.io.tmpdir") + "/" + Job.GROUP,
        StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 2_000));
    settings.putAll(Map.of(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 4_000,
        StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 5,
        StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all",
        StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), Job.CODEC,
        StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10,
        StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 64 << 20));
    return settings;
  }

  public static void main(String[] arguments) {
    var streams = new KafkaStreams(topology(), settings());
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private StreamsPeer() {}
}
