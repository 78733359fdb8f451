package org.tdaplatform.streaming.window;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** The last batches of a key, by which the same batch sent again is known. */
final class BatchHistory {
  static final int LIMIT = 128;

  record Part(String batchId, int part) {}

  enum Verdict {
    NEW,
    REPEATED,
    CONFLICTING
  }

  private final LinkedHashMap<Part, byte[]> hashes = new LinkedHashMap<>();

  /** A new one joins the history, of which the oldest beyond the limit goes. */
  Verdict judge(String batchId, int part, byte[] hash) {
    Part name = new Part(batchId, part);
    byte[] known = hashes.get(name);
    if (known != null) {
      return Arrays.equals(known, hash) ? Verdict.REPEATED : Verdict.CONFLICTING;
    }
    add(name, hash);
    return Verdict.NEW;
  }

  void add(Part name, byte[] hash) {
    hashes.put(name, hash);
    if (hashes.size() > LIMIT) {
      Iterator<Part> oldest = hashes.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** Oldest first. */
  Iterable<Map.Entry<Part, byte[]>> entries() {
    return hashes.entrySet();
  }

  int size() {
    return hashes.size();
  }
}
