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
import java.util.Arrays;

/**
 * What becomes of one event, for Kafka Streams and Flink alike: one pass of Jackson's streaming
 * parser into its generator. Only an event that fails or is filtered is read a second time, for its
 * envelope. One instance for each thread. What both jobs have in common is here.
 */
abstract class Transform {
  enum Fate { PROCESSED, ERROR, CLEANED }

  record Outcome(Fate fate, byte[] value) {}

  private static final int VALUE_BYTES_MAX = 1 << 20;
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Nothing of such an input can be shown. */
  protected static final class Refused extends IOException {
    Refused(String reason) { super(reason); }

    @Override public synchronized Throwable fillInStackTrace() { return this; }
  }


  private final JsonFactory json = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build()).build();
  private final ByteArrayBuilder out = new ByteArrayBuilder(4096);
  private final MessageDigest sha256;
  private final byte[] digest = new byte[32];
  private final byte[] hex = new byte[64];
  protected final byte[] time = "YYYY-MM-DD hh:mm:ss".getBytes(StandardCharsets.US_ASCII);
  private byte[] ascii = new byte[256];

  // Of the event that is being read: a bit for each required field, and what is wrong.
  protected int present;
  protected boolean wrongType, badTimestamp, badValue, kept;
  protected String userId;
  private final String[] required;

  protected Transform(String... required) {
    this.required = required;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** The members of the event, whose first token was read, without its braces. */
  protected abstract void readMembers(JsonParser from, JsonGenerator to, byte[] input,
      boolean readableTime) throws IOException;

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
    present = 0;
    wrongType = badTimestamp = badValue = kept = false;
    userId = null;
    try (JsonParser from = json.createParser(input)) {
      if (from.nextToken() != JsonToken.START_OBJECT) throw new Refused("not_an_object");
      to.writeStartObject();
      readMembers(from, to, input, readableTime);
      to.writeEndObject();
      if (from.nextToken() != null) throw new Refused("invalid_json");
    }
  }

  protected static void copy(JsonToken token, JsonParser from, JsonGenerator to) throws IOException {
    switch (token) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        if (Double.isInfinite(from.getDoubleValue())) throw new Refused("invalid_json");
        to.writeNumber(from.getText()); // Its digits as they are.
      }
      case START_OBJECT, START_ARRAY -> to.copyCurrentStructureExact(from);
      default -> to.copyCurrentEvent(from);
    }
  }

  protected void writePseudonym(JsonToken token, JsonParser from, JsonGenerator to, byte[] input,
      boolean lower) throws IOException {
    if (token == JsonToken.VALUE_NULL) {
      to.writeNull();
      return;
    }
    if (token == JsonToken.VALUE_STRING) {
      updateUtf8(from.getTextCharacters(), from.getTextOffset(), from.getTextLength(), lower);
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

  private void updateUtf8(char[] text, int offset, int length, boolean lower)
      throws IOException {
    if (ascii.length < length) ascii = new byte[length];
    for (int i = 0; i < length; ++i) {
      char c = text[offset + i];
      if (c >= 128) { // Half a surrogate pair is refused here.
        char[] all = Arrays.copyOfRange(text, offset, offset + length);
        for (int k = 0; lower && k < length; ++k) all[k] = lowered(all[k]);
        sha256.update(StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(all)));
        return;
      }
      ascii[i] = (byte) (lower ? lowered(c) : c);
    }
    sha256.update(ascii, 0, length);
  }

  private static char lowered(char c) { return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c; }

  private String fault() {
    if (present != (1 << required.length) - 1) return "missing_fields";
    return wrongType ? "wrong_type" : badTimestamp ? "bad_timestamp" : badValue ? "bad_value" : null;
  }

  private String missing() {
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < required.length; ++i) {
      if ((present & (1 << i)) == 0) names.append(names.isEmpty() ? "" : ", ").append(required[i]);
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
  protected void formatTime(long seconds) {
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
