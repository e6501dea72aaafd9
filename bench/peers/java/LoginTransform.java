import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashSet;

/** The login job: seven fields, two pseudonyms, a time, a filter. */
final class LoginTransform extends Transform {
  private static final long SECONDS_MAX = 253_402_300_799L; // The last of the year 9999.
  private static final String KEPT_VERSION = "2.3.0";

  private int seen;
  private HashSet<String> unknownNames;

  LoginTransform() {
    super("user_id", "ip", "device_id", "app_version", "device_type", "timestamp", "locale");
  }

  @Override protected void readMembers(JsonParser from, JsonGenerator to, byte[] input,
      boolean readableTime) throws IOException {
    seen = 0;
    unknownNames = null;
    for (String name = from.nextFieldName(); name != null; name = from.nextFieldName()) {
      to.writeFieldName(name);
      readField(indexOf(name), name, from, to, input, readableTime);
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
    if (field == 1 || field == 2) writePseudonym(token, from, to, input, false);
    else copy(token, from, to);
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
}
