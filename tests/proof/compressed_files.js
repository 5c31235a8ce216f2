/** Compressed files for the fuzzer: as they are, and with checksums corrected after a change. */
import { Model } from '../../wasm/engine/core.js';
import { defaults } from '../../wasm/engine/settings.js';
import { crc32 } from '../../wasm/files/formats/crc.js';
import { FormatError } from '../../wasm/files/formats/error.js';
import { joined } from '../../wasm/files/formats/joined.js';
import { compress, decompress } from '../../wasm/library/index.js';
import { module } from '../wasm/support/models.js';

/** The most bytes that an original may have here. */
const MOST = 1 << 16;
/** Bytes of a checksum; and of a file's end without its checksum, where the original is shorter than 128 bytes. */
const [CHECKSUM, END] = [4, 6];

/** @param {Uint8Array} part  @returns {Uint8Array} with its checksum appended */
function sealed(part) {
  const sum = new Uint8Array(CHECKSUM);
  new DataView(sum.buffer).setUint32(0, crc32(part), true);
  return joined([part, sum]);
}

/** Whether the last bytes are the checksum of the bytes before them. @param {Uint8Array} bytes */
function endsSealed(bytes) {
  const again = sealed(bytes.subarray(0, -CHECKSUM));
  return again.every((byte, i) => byte === bytes[i]);
}

/**
 * The parts of a file of one piece, each after its length and without its checksum.
 * @param {Uint8Array} file
 * @param {number} length  of the original
 */
function opened(file, length) {
  let header = 10 + CHECKSUM;
  while (!endsSealed(file.subarray(0, header)) || file[header + 1] !== length) header++;
  const end = file.length - CHECKSUM - END;
  const parts = [
    file.subarray(0, header - CHECKSUM),
    file.subarray(header, end - CHECKSUM),
    file.subarray(end, end + END),
  ];
  return joined(parts.flatMap((part) => [Uint8Array.of(part.length & 255, part.length >> 8), part]));
}

/** A file from such parts. @param {Uint8Array} bytes */
function closed(bytes) {
  /** @type {Uint8Array[]} */
  const parts = [];
  for (let at = 0; at + 1 < bytes.length; ) {
    const length = bytes[at] | (bytes[at + 1] << 8);
    parts.push(sealed(bytes.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return joined(parts);
}

/**
 * Readers of such files.
 * @param {Uint8Array} text  shorter than 128 bytes
 * @returns {Promise<import('./parsers.js').Reader[]>}
 */
export async function compressedReaders(text) {
  const settings = { ...defaults({ hidden_size: 2, num_levels: 2 }), batch_size: 1, sequence_length: 1 };
  const weights = { settings, parameters: new Model(module, settings).parameters.slice() };
  const files = [
    await compress(text, { module, name: 'ü.txt', time: 1_700_000_000 }),
    await compress(text, { module, weights, includeWeights: true, mode: 'model' }),
    await compress(text, { module, weights }),
  ];
  const read = (/** @type {Uint8Array} */ bytes) => decompress(bytes, { module, weights, limit: MOST });
  const reopened = files.map((file) => opened(file, text.length));
  return [
    { name: 'compressed file', files, read, error: FormatError },
    { name: 'sealed file', files: reopened, read: (bytes) => read(closed(bytes)), error: FormatError },
  ];
}
