// Reads a stream of pictures as network cameras send it: multipart/x-mixed-replace, each part with its Content-Length.

const END_OF_HEAD = [13, 10, 13, 10];

function indexOfEnd(bytes) {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (END_OF_HEAD.every((byte, offset) => bytes[at + offset] === byte)) {
      return at;
    }
  }
  return -1;
}

function joined(first, second) {
  if (!first.length) {
    return second;
  }
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function headersOf(bytes) {
  const lines = new TextDecoder().decode(bytes).split("\r\n");
  return new Map(
    lines
      .map((line) => line.split(": "))
      .filter((words) => words.length === 2)
      .map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** Puts parts together from bytes as they come. */
class Parts {
  #bytes = new Uint8Array();
  #headers = null;

  add(bytes) {
    this.#bytes = joined(this.#bytes, bytes);
  }

  /** The next part that has come whole, or null. */
  next() {
    this.#headers ??= this.#takeHead();
    const length = Number(this.#headers?.get("content-length"));
    if (!this.#headers || this.#bytes.length < length) {
      return null;
    }
    const part = { headers: this.#headers, body: this.#bytes.slice(0, length) };
    this.#bytes = this.#bytes.subarray(length);
    this.#headers = null;
    return part;
  }

  #takeHead() {
    const end = indexOfEnd(this.#bytes);
    if (end < 0) {
      return null;
    }
    const headers = headersOf(this.#bytes.subarray(0, end));
    this.#bytes = this.#bytes.subarray(end + END_OF_HEAD.length);
    return headers;
  }
}

/** Each part as `{headers, body}`: a Map with names in small letters, and bytes. Ends with the stream. */
export async function* partsOf(stream) {
  const reader = stream.getReader();
  const parts = new Parts();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      parts.add(read.value);
      for (let part = parts.next(); part; part = parts.next()) {
        yield part;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
