import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;

/** The nested job: the rules of nested.toml, as a tree that is walked beside the parser. */
final class NestedTransform extends Transform {
  private enum Method { ID, PSEUDONYM, PSEUDONYM_LOWER, DROP, TRUNCATE_IP, MASK_IP, MASK, REPLACE, TIME }

  /** A member's: what becomes of it, or the rules below it. */
  private static final class Rule {
    final HashMap<String, Rule> members = new HashMap<>();
    boolean isOfElements;
    Method method;

    Rule with(String path, Method method) {
      Rule at = this;
      for (String step : path.split("\\.")) {
        boolean isArray = step.endsWith("[]");
        String name = isArray ? step.substring(0, step.length() - 2) : step;
        at = at.members.computeIfAbsent(name, any -> new Rule());
        at.isOfElements = isArray;
      }
      at.method = method;
      return this;
    }
  }

  private static final Rule RULES = new Rule()
      .with("actor.id", Method.ID)
      .with("actor.alternateId", Method.PSEUDONYM_LOWER)
      .with("actor.displayName", Method.DROP)
      .with("client.ipAddress", Method.TRUNCATE_IP)
      .with("request.ipChain[].ip", Method.MASK_IP)
      .with("target[].alternateId", Method.PSEUDONYM_LOWER)
      .with("authenticationContext.externalSessionId", Method.PSEUDONYM)
      .with("debugContext.debugData.deviceFingerprint", Method.MASK)
      .with("debugContext.debugData.url", Method.REPLACE)
      .with("published", Method.TIME);
  private static final int ID = 1, ADDRESS = 2, PUBLISHED = 4; // As in `present`.
  private static final int MASK_KEEPS_LAST = 4;
  private static final String REPLACEMENT = "/";

  private static final String TIME_FORM = "dddd-dd-ddTdd:dd:dd";
  private static final int[] DAYS = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'");

  private final HashSet<String> names = new HashSet<>();
  private final Address address = new Address();
  private final byte[] published = "YYYY-MM-DDThh:mm:ss.mmmZ".getBytes(StandardCharsets.US_ASCII);
  private char[] masked = new char[64];
  private boolean readableTime;
  private byte[] input;

  NestedTransform() { super("actor.id", "client.ipAddress", "published"); }

  @Override protected void readMembers(JsonParser from, JsonGenerator to, byte[] input,
      boolean readableTime) throws IOException {
    this.input = input;
    this.readableTime = readableTime;
    kept = true; // There is no filter.
    names.clear();
    readMembers(RULES, from, to);
  }

  private void readMembers(Rule of, JsonParser from, JsonGenerator to) throws IOException {
    for (String name = from.nextFieldName(); name != null; name = from.nextFieldName()) {
      if (of == RULES && !names.add(name)) throw new Refused("duplicate_key");
      Rule rule = of.members.get(name);
      JsonToken token = from.nextToken();
      if (rule != null && rule.method == Method.DROP) {
        from.skipChildren();
        continue;
      }
      to.writeFieldName(name);
      if (rule == null) copy(token, from, to);
      else if (rule.method != null) apply(rule.method, token, from, to);
      else descend(rule, token, from, to);
    }
  }

  private void descend(Rule rule, JsonToken token, JsonParser from, JsonGenerator to)
      throws IOException {
    if (token == JsonToken.START_ARRAY && rule.isOfElements) {
      to.writeStartArray();
      for (token = from.nextToken(); token != JsonToken.END_ARRAY; token = from.nextToken()) {
        if (token == JsonToken.START_OBJECT) readObject(rule, from, to);
        else copy(token, from, to);
      }
      to.writeEndArray();
    } else if (token == JsonToken.START_OBJECT && !rule.isOfElements) {
      readObject(rule, from, to);
    } else {
      copy(token, from, to);
    }
  }

  private void readObject(Rule rule, JsonParser from, JsonGenerator to) throws IOException {
    to.writeStartObject();
    readMembers(rule, from, to);
    to.writeEndObject();
  }

  private void apply(Method method, JsonToken token, JsonParser from, JsonGenerator to)
      throws IOException {
    if (method == Method.REPLACE) {
      from.skipChildren();
      to.writeString(REPLACEMENT);
    } else if (token == JsonToken.VALUE_NULL) {
      to.writeNull();
    } else if (token == JsonToken.VALUE_STRING) {
      applyToText(method, token, from, to);
    } else {
      if (method == Method.TIME) {
        badTimestamp = true;
        present |= PUBLISHED;
      } else {
        wrongType = true;
        present |= method == Method.ID ? ID : method == Method.TRUNCATE_IP ? ADDRESS : 0;
      }
      copy(token, from, to);
    }
  }

  private void applyToText(Method method, JsonToken token, JsonParser from, JsonGenerator to)
      throws IOException {
    switch (method) {
      case PSEUDONYM -> writePseudonym(token, from, to, input, false);
      case PSEUDONYM_LOWER -> writePseudonym(token, from, to, input, true);
      case ID -> {
        userId = from.getText();
        if (!userId.isEmpty()) present |= ID;
        to.writeString(userId);
      }
      case TRUNCATE_IP, MASK_IP -> writeAddress(method, from, to);
      case MASK -> writeMasked(from.getTextCharacters(), from.getTextOffset(),
          from.getTextLength(), to);
      case TIME -> {
        present |= PUBLISHED;
        boolean isTime =
            readTime(from.getTextCharacters(), from.getTextOffset(), from.getTextLength());
        badTimestamp |= !isTime;
        if (isTime && readableTime) to.writeRawUTF8String(published, 0, published.length);
        else to.copyCurrentEvent(from);
      }
      default -> throw new IllegalStateException();
    }
  }

  private void writeAddress(Method method, JsonParser from, JsonGenerator to) throws IOException {
    int begin = from.getTextOffset();
    if (method == Method.TRUNCATE_IP) present |= ADDRESS;
    if (!address.read(from.getTextCharacters(), begin, begin + from.getTextLength())) {
      badValue = true;
      to.writeNull();
      return;
    }
    if (method == Method.TRUNCATE_IP) address.writeTruncated();
    else address.writeMasked();
    to.writeRawUTF8String(address.written, 0, address.length);
  }

  private void writeMasked(char[] text, int offset, int length, JsonGenerator to)
      throws IOException {
    int points = Character.codePointCount(text, offset, length);
    int stars = points <= MASK_KEEPS_LAST ? points : points - MASK_KEEPS_LAST;
    int rest = Character.offsetByCodePoints(text, offset, length, offset, stars);
    int last = offset + length - rest;
    if (masked.length < stars + last) masked = new char[stars + last];
    Arrays.fill(masked, 0, stars, '*');
    System.arraycopy(text, rest, masked, stars, last);
    to.writeString(masked, 0, stars + last);
  }

  /** Into `published`. What is not in the usual form is left to java.time. */
  private boolean readTime(char[] text, int offset, int length) {
    if (isUsual(text, offset, length)) {
      for (int i = 0; i < 19; ++i) published[i] = (byte) text[offset + i];
      for (int i = 20; i < 23; ++i) {
        published[i] = (byte) (i < length - 1 ? text[offset + i] : '0');
      }
      return true;
    }
    try {
      var time = OffsetDateTime.parse(new String(text, offset, length))
          .withOffsetSameInstant(ZoneOffset.UTC);
      if (time.getYear() < 1970 || time.getYear() > 9999) return false;
      System.arraycopy(time.format(MILLIS).getBytes(StandardCharsets.US_ASCII), 0, published, 0,
          published.length);
      return true;
    } catch (DateTimeException none) {
      return false;
    }
  }

  /** `2024-10-25T22:07:54.120Z`, with or without a fraction, and no 29 February. */
  private static boolean isUsual(char[] text, int offset, int length) {
    if (length < 20 || length == 21 || text[offset + length - 1] != 'Z') return false;
    for (int i = 0; i < length - 1; ++i) {
      char form = i < 19 ? TIME_FORM.charAt(i) : i == 19 ? '.' : 'd', c = text[offset + i];
      if (form == 'd' ? c < '0' || c > '9' : c != form) return false;
    }
    int month = two(text, offset + 5);
    return 100 * two(text, offset) + two(text, offset + 2) >= 1970 && month >= 1 && month <= 12
        && two(text, offset + 8) >= 1 && two(text, offset + 8) <= DAYS[month - 1]
        && two(text, offset + 11) < 24 && two(text, offset + 14) < 60 && two(text, offset + 17) < 60;
  }

  private static int two(char[] text, int at) {
    return 10 * (text[at] - '0') + text[at + 1] - '0';
  }
}
