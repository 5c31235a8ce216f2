/** How small gzip makes a text: what a model has to beat. */

/**
 * Bits of gzip's answer for each byte, or null where the platform has no gzip, or there is nothing.
 * @param {Uint8Array|Blob} text
 * @param {(bytes: number) => void} [onRead]  hears how many bytes each part that was read had
 * @returns {Promise<number|null>}
 */
export async function gzipBitsPerByte(text, onRead) {
  const blob = text instanceof Blob ? text : new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (text)]);
  if (typeof CompressionStream === 'undefined' || blob.size === 0) return null;
  const count = new TransformStream({
    transform(part, controller) {
      onRead?.(part.length);
      controller.enqueue(part);
    },
  });
  const packed = blob.stream().pipeThrough(count).pipeThrough(new CompressionStream('gzip'));
  let bytes = 0;
  for (const reader = packed.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return (8 * bytes) / blob.size;
    bytes += value.length;
  }
}
