import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The job in Flink: source, map and sink in one chain, in a cluster inside this process. */
final class FlinkPeer {
  @SuppressWarnings("rawtypes") // Kafka's records, handed on as they are; nothing is serialised.
  private static final TypeInformation<ConsumerRecord> IN = TypeInformation.of(ConsumerRecord.class);

  @SuppressWarnings("rawtypes")
  private static final TypeInformation<ProducerRecord> OUT =
      TypeInformation.of(ProducerRecord.class);

  @SuppressWarnings("rawtypes")
  static final class AsRead implements KafkaRecordDeserializationSchema<ConsumerRecord> {
    @Override public void deserialize(ConsumerRecord<byte[], byte[]> record,
        Collector<ConsumerRecord> to) {
      to.collect(record);
    }

    @Override public TypeInformation<ConsumerRecord> getProducedType() { return IN; }
  }

  @SuppressWarnings({"rawtypes", "unchecked"})
  static final class Judge extends RichMapFunction<ConsumerRecord, ProducerRecord> {
    private transient Transform transform;
    private transient String[] outputs;

    @Override public void open(OpenContext context) {
      transform = Job.transform();
      outputs = new String[Transform.Fate.values().length];
      for (var fate : Transform.Fate.values()) outputs[fate.ordinal()] = Job.output(fate);
    }

    @Override public ProducerRecord map(ConsumerRecord record) {
      var outcome = transform.apply((byte[]) record.value());
      record.headers().add(Job.ORIGIN_HEADER,
          Job.origin(record.topic(), record.partition(), record.offset()));
      return new ProducerRecord(outputs[outcome.fate().ordinal()], record.partition(),
          record.timestamp(), record.key(), outcome.value(), record.headers());
    }
  }

  @SuppressWarnings({"rawtypes", "unchecked"})
  static final class AsIs implements KafkaRecordSerializationSchema<ProducerRecord> {
    @Override public ProducerRecord<byte[], byte[]> serialize(ProducerRecord record,
        KafkaSinkContext context, Long timestamp) {
      return record;
    }
  }

  public static void main(String[] arguments) throws Exception {
    var settings = new Configuration();
    settings.setString("taskmanager.memory.network.min", "16m");
    settings.setString("taskmanager.memory.network.max", "16m");
    settings.setString("taskmanager.memory.managed.size", "8m");
    var job = StreamExecutionEnvironment.createLocalEnvironment(Job.THREADS, settings);
    job.getConfig().enableObjectReuse();
    // A checkpoint flushes the producer, waits, and commits the offsets.
    job.enableCheckpointing(1_000, CheckpointingMode.AT_LEAST_ONCE);

    var source = KafkaSource.<ConsumerRecord>builder().setBootstrapServers(Job.BROKERS)
        .setGroupId(Job.GROUP).setTopics(Job.INPUT).setDeserializer(new AsRead())
        .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
        .setProperty("partition.discovery.interval.ms", "-1")
        .setProperty("max.poll.records", "4000").build();
    var producer = new Properties();
    producer.setProperty("linger.ms", "5");
    producer.setProperty("acks", "all");
    producer.setProperty("compression.type", Job.CODEC);
    producer.setProperty("batch.size", String.valueOf(256 << 10));
    producer.setProperty("buffer.memory", String.valueOf(64 << 20));
    var sink = KafkaSink.<ProducerRecord>builder().setBootstrapServers(Job.BROKERS)
        .setKafkaProducerConfig(producer).setRecordSerializer(new AsIs())
        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE).build();

    job.fromSource(source, WatermarkStrategy.noWatermarks(), "input", IN)
        .map(new Judge()).returns(OUT).sinkTo(sink);
    job.execute(Job.GROUP);
  }

  private FlinkPeer() {}
}
