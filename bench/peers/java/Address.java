/** An IP address that stands in a text alone: read, and written without its host. */
final class Address {
  private static final byte[] HEX = "0123456789abcdef".getBytes();

  /** What was written last, and how much of it. */
  final byte[] written = new byte[40];
  int length;

  private final int[] groups = new int[8];
  private boolean isV4;

  /** False: it is none. */
  boolean read(char[] text, int begin, int end) {
    isV4 = readV4(text, begin, end);
    return isV4 || readV6(text, begin, end);
  }

  private boolean readV4(char[] text, int at, int end) {
    for (int n = 0; n < 4; ++n) {
      if (n > 0 && (at == end || text[at++] != '.')) return false;
      int value = 0, first = at;
      for (; at < end && text[at] >= '0' && text[at] <= '9'; ++at) {
        value = 10 * value + text[at] - '0';
        if (value > 255 || (at > first && text[first] == '0')) return false;
      }
      if (at == first) return false;
      groups[n] = value;
    }
    return at == end;
  }

  private boolean readV6(char[] text, int at, int end) {
    int count = 0, gap = -1;
    if (end - at >= 2 && text[at] == ':' && text[at + 1] == ':') {
      gap = 0;
      at += 2;
    }
    while (at < end) {
      int value = 0, first = at;
      for (int digit; at < end && (digit = digitOf(text[at])) >= 0; ++at) value = value << 4 | digit;
      if (at == first || at - first > 4 || count == 8) return false;
      groups[count++] = value;
      if (at == end) break;
      if (text[at++] != ':' || at == end) return false;
      if (text[at] != ':') continue;
      if (gap >= 0) return false;
      gap = count;
      ++at;
    }
    if (gap < 0) return count == 8;
    if (count == 8) return false;
    System.arraycopy(groups, gap, groups, 8 - (count - gap), count - gap);
    java.util.Arrays.fill(groups, gap, 8 - (count - gap), 0);
    return true;
  }

  private static int digitOf(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    int letter = c | 32;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  /** To 24 or 48 bits. */
  void writeTruncated() {
    length = 0;
    int kept = 3;
    while (!isV4 && kept > 0 && groups[kept - 1] == 0) --kept;
    writeGroups(kept);
    writeText(isV4 ? ".0" : "::");
  }

  void writeMasked() {
    length = 0;
    writeGroups(3);
    writeText(isV4 ? ".xxx" : ":xxxx:xxxx:xxxx:xxxx:xxxx");
  }

  private void writeGroups(int count) {
    for (int n = 0; n < count; ++n) {
      if (n > 0) written[length++] = (byte) (isV4 ? '.' : ':');
      int base = isV4 ? 10 : 16, unit = 1;
      while (groups[n] / unit >= base) unit *= base;
      for (; unit > 0; unit /= base) written[length++] = HEX[groups[n] / unit % base];
    }
  }

  private void writeText(String text) {
    for (int i = 0; i < text.length(); ++i) written[length++] = (byte) text.charAt(i);
  }
}
