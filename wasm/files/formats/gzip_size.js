/** How small the platform itself makes a text: what a model has to beat. */

/** Formats that a platform may have. Another is `deflate`: that is gzip with twelve bytes less around it. */
const FORMATS = Object.freeze(['gzip', 'brotli', 'zstd']);

/**
 * @param {string} format
 * @returns {TransformStream|null} null where the platform does not have it
 */
function packer(format) {
  try {
    return new CompressionStream(/** @type {CompressionFormat} */ (format));
  } catch {
    return null;
  }
}

/**
 * Bytes that come out of a stream.
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {Promise<number>}
 */
async function lengthOf(stream) {
  let bytes = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.length;
  }
}

/**
 * Sizes of a text in each format that the platform has.
 * @param {Blob} text
 * @returns {Promise<{format: string, bytes: number}[]>}
 */
export async function platformSizes(text) {
  const sizes = [];
  for (const format of FORMATS) {
    const stream = packer(format);
    if (stream) sizes.push({ format, bytes: await lengthOf(text.stream().pipeThrough(stream)) });
  }
  return sizes;
}

/**
 * Bits that gzip needs for each byte; null where the platform has no gzip, or the text is empty.
 * @param {Uint8Array|Blob} text
 * @param {(bytes: number) => void} [onRead]  called with the bytes of each part that was read
 * @returns {Promise<number|null>}
 */
export async function gzipBitsPerByte(text, onRead) {
  const blob = text instanceof Blob ? text : new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (text)]);
  const gzip = packer('gzip');
  if (gzip === null || blob.size === 0) return null;
  const count = new TransformStream({
    transform(part, controller) {
      onRead?.(part.length);
      controller.enqueue(part);
    },
  });
  return (8 * (await lengthOf(blob.stream().pipeThrough(count).pipeThrough(gzip)))) / blob.size;
}
