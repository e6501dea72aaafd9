import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashSet;

/**
 * What becomes of one event, for Kafka Streams and Flink alike: one pass of Jackson's streaming
 * parser into its generator. Only an event that fails or is filtered is read a second time, for its
 * envelope. One instance for each thread.
 */
final class LoginTransform {
  enum Fate { PROCESSED, ERROR, CLEANED }

  record Outcome(Fate fate, byte[] value) {}

  private static final int VALUE_BYTES_MAX = 1 << 20;
  private static final long SECONDS_MAX = 253_402_300_799L; // The last of the year 9999.
  private static final String KEPT_VERSION = "2.3.0";
  private static final String[] REQUIRED = {
    "user_id", "ip", "device_id", "app_version", "device_type", "timestamp", "locale"};
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Nothing of such an input can be shown. */
  private static final class Refused extends IOException {
    Refused(String reason) { super(reason); }

    @Override public synchronized Throwable fillInStackTrace() { return this; }
  }

  private final JsonFactory json = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build()).build();
  private final ByteArrayBuilder out = new ByteArrayBuilder(4096);
  private final MessageDigest sha256;
  private final byte[] digest = new byte[32];
  private final byte[] hex = new byte[64];
  private final byte[] time = "YYYY-MM-DD hh:mm:ss".getBytes(StandardCharsets.US_ASCII);
  private byte[] ascii = new byte[256];

  // Of the event that is being read.
  private int seen, present;
  private boolean wrongType, badTimestamp, kept;
  private String userId;
  private HashSet<String> unknownNames;

  LoginTransform() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  Outcome apply(byte[] input) {
    try {
      checkBytes(input);
      out.reset();
      try (JsonGenerator to = json.createGenerator(out)) {
        readEvent(input, to, true);
      }
      String reason = fault();
      if (reason == null && kept) return new Outcome(Fate.PROCESSED, out.toByteArray());
      return envelope(reason, input);
    } catch (IOException refused) { // Jackson's own for what is no JSON.
      return unreadable(refused instanceof Refused ? refused.getMessage() : "invalid_json");
    }
  }

  private static void checkBytes(byte[] input) throws Refused {
    if (input == null) throw new Refused("tombstone");
    if (input.length == 0) throw new Refused("empty_value");
    if (input.length > VALUE_BYTES_MAX) throw new Refused("too_large");
    // Jackson would take these for a byte-order mark, or for UTF-16.
    if (input[0] <= 0 || (input.length > 1 && input[1] == 0)) throw new Refused("invalid_json");
    int any = 0;
    for (byte b : input) any |= b;
    if (any >= 0) return;
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(input)); // Jackson is lenient.
    } catch (CharacterCodingException invalid) {
      throw new Refused("invalid_utf8");
    }
  }

  private void readEvent(byte[] input, JsonGenerator to, boolean readableTime) throws IOException {
    seen = present = 0;
    wrongType = badTimestamp = kept = false;
    userId = null;
    unknownNames = null;
    try (JsonParser from = json.createParser(input)) {
      if (from.nextToken() != JsonToken.START_OBJECT) throw new Refused("not_an_object");
      to.writeStartObject();
      for (String name = from.nextFieldName(); name != null; name = from.nextFieldName()) {
        to.writeFieldName(name);
        readField(indexOf(name), name, from, to, input, readableTime);
      }
      to.writeEndObject();
      if (from.nextToken() != null) throw new Refused("invalid_json");
    }
  }

  private static int indexOf(String name) {
    return switch (name) {
      case "user_id" -> 0;
      case "ip" -> 1;
      case "device_id" -> 2;
      case "app_version" -> 3;
      case "device_type" -> 4;
      case "timestamp" -> 5;
      case "locale" -> 6;
      default -> -1;
    };
  }

  private void readField(int field, String name, JsonParser from, JsonGenerator to, byte[] input,
      boolean readableTime) throws IOException {
    JsonToken token = from.nextToken();
    if (field < 0) {
      if (unknownNames == null) unknownNames = new HashSet<>();
      if (!unknownNames.add(name)) throw new Refused("duplicate_key");
      copy(token, from, to);
      return;
    }
    if ((seen & (1 << field)) != 0) throw new Refused("duplicate_key");
    seen |= 1 << field;
    if (token != JsonToken.VALUE_NULL) present |= 1 << field;
    boolean isString = token == JsonToken.VALUE_STRING;
    if (field == 5) {
      boolean isTime = readTimestamp(token, from);
      badTimestamp |= !isTime;
      if (isTime && readableTime) to.writeRawUTF8String(time, 0, time.length);
      else copy(token, from, to);
      return;
    }
    wrongType |= !isString && token != JsonToken.VALUE_NULL;
    if (field == 0 && isString) {
      userId = from.getText();
      if (userId.isEmpty()) present &= ~1;
    } else if (field == 3 && isString) {
      kept = from.getText().equals(KEPT_VERSION);
    }
    if (field == 1 || field == 2) writePseudonym(token, from, to, input);
    else copy(token, from, to);
  }

  private static void copy(JsonToken token, JsonParser from, JsonGenerator to) throws IOException {
    switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        if (Double.isInfinite(from.getDoubleValue())) throw new Refused("invalid_json");
        to.writeNumber(from.getText()); // Its digits as they are.
      }
      case START_OBJECT, START_ARRAY -> to.copyCurrentStructureExact(from);
      default -> to.copyCurrentEvent(from);
    }
  }

  private void writePseudonym(JsonToken token, JsonParser from, JsonGenerator to, byte[] input)
      throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      to.writeNull();
      return;
    }
    if (token == JsonToken.VALUE_STRING) {
      updateUtf8(from.getTextCharacters(), from.getTextOffset(), from.getTextLength());
    } else { // Of its bytes.
      int begin = (int) from.currentTokenLocation().getByteOffset();
      from.skipChildren();
      from.finishToken();
      sha256.update(input, begin, (int) from.currentLocation().getByteOffset() - begin);
    }
    try {
      sha256.digest(digest, 0, digest.length);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
    for (int i = 0; i < digest.length; ++i) {
      hex[2 * i] = HEX[(digest[i] >> 4) & 15];
      hex[2 * i + 1] = HEX[digest[i] & 15];
    }
    to.writeRawUTF8String(hex, 0, hex.length);
  }

  private void updateUtf8(char[] text, int offset, int length) throws IOException {
    if (ascii.length < length) ascii = new byte[length];
    for (int i = 0; i < length; ++i) {
      char c = text[offset + i];
      if (c >= 128) { // Half a surrogate pair is refused here.
        sha256.update(StandardCharsets.UTF_8.newEncoder().encode(
            CharBuffer.wrap(text, offset, length)));
        return;
      }
      ascii[i] = (byte) c;
    }
    sha256.update(ascii, 0, length);
  }

  private boolean readTimestamp(JsonToken token, JsonParser from) throws IOException {
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_STRING) return false;
    char[] text = from.getTextCharacters();
    int begin = from.getTextOffset(), end = begin + from.getTextLength();
    long seconds = 0;
    for (int i = begin; i < end; ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
      seconds = seconds * 10 + (text[i] - '0');
      if (seconds > SECONDS_MAX) return false;
    }
    if (begin == end) return false;
    formatTime(seconds);
    return true;
  }

  private String fault() {
    if (present != (1 << REQUIRED.length) - 1) return "missing_fields";
    return wrongType ? "wrong_type" : badTimestamp ? "bad_timestamp" : null;
  }

  private String missing() {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < REQUIRED.length; ++i) {
      if ((present & (1 << i)) == 0) names.append(names.isEmpty() ? "" : ", ").append(REQUIRED[i]);
    }
    return "Missing fields: " + names;
  }

  /** Of a filtered event where there is no reason. */
  private Outcome envelope(String reason, byte[] input) throws IOException {
    String user = userId == null || userId.isEmpty() ? "Unknown" : userId;
    String type = "missing_fields".equals(reason) ? missing() : reason;
    out.reset();
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartObject();
      to.writeStringField("user_id", user);
      if (reason != null) {
        to.writeStringField("error_type", type);
        to.writeStringField("reason", reason);
      }
      to.writeFieldName("message_content");
      readEvent(input, to, false);
      if (reason == null) to.writeStringField("clean_type", "filtered_app_version");
      writeNow(to);
    }
    return new Outcome(reason == null ? Fate.CLEANED : Fate.ERROR, out.toByteArray());
  }

  private Outcome unreadable(String reason) {
    out.reset();
    try (JsonGenerator to = json.createGenerator(out)) {
      to.writeStartObject();
      to.writeStringField("user_id", "Unknown");
      to.writeStringField("error_type", reason);
      to.writeStringField("reason", reason);
      to.writeObjectFieldStart("message_content");
      to.writeEndObject();
      writeNow(to);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    return new Outcome(Fate.ERROR, out.toByteArray());
  }

  private void writeNow(JsonGenerator to) throws IOException {
    formatTime(System.currentTimeMillis() / 1000);
    to.writeFieldName("timestamp");
    to.writeRawUTF8String(time, 0, time.length);
    to.writeEndObject();
  }

  /** Into `time`. Days to a date by eras of 400 years that begin in March. */
  private void formatTime(long seconds) {
    int days = (int) (seconds / 86_400) + 719_468, ofDay = (int) (seconds % 86_400);
    int era = days / 146_097, ofEra = days % 146_097;
    int yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365;
    int ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int month = (5 * ofYear + 2) / 153;
    int year = 400 * era + yearOfEra + (month >= 10 ? 1 : 0);
    twoDigits(0, year / 100);
    twoDigits(2, year % 100);
    twoDigits(5, month < 10 ? month + 3 : month - 9);
    twoDigits(8, ofYear - (153 * month + 2) / 5 + 1);
    twoDigits(11, ofDay / 3_600);
    twoDigits(14, ofDay / 60 % 60);
    twoDigits(17, ofDay % 60);
  }

  private void twoDigits(int at, int value) {
    time[at] = (byte) ('0' + value / 10);
    time[at + 1] = (byte) ('0' + value % 10);
  }
}
