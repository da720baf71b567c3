// The header of a regular file in a tar archive of the format ustar: written, and read back with its checksum.

/** Bytes of a block: a header has one, and content is padded to whole ones. */
export const TAR_BLOCK = 512;

/** Bytes of content that the format has digits for. */
export const TAR_FILE_MAX = 8 ** 11 - 1;

/** Bytes of a name. */
export const TAR_NAME_MAX = 100;

/** @param name of at most TAR_NAME_MAX bytes @param seconds since 1970 of its content */
export function tarHeader(name: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  };
  block.write(name, 0, TAR_NAME_MAX, 'utf8');
  octal(0o644, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(seconds, 136, 12);
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(`${sumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Name and size of a regular file; undefined where the block is no header of one, or its checksum is wrong. */
export function readTarHeader(block: Buffer): { name: string; size: number } | undefined {
  if (block.length !== TAR_BLOCK || block.toString('latin1', 257, 262) !== 'ustar') return undefined;
  const octal = (at: number, length: number): number => {
    const digits = /^ *([0-7]+)[ \0]*$/.exec(block.toString('latin1', at, at + length))?.[1];
    return digits === undefined ? NaN : parseInt(digits, 8);
  };
  const name = /^[^\0]*/.exec(block.toString('utf8', 0, 100))?.[0] ?? '';
  const size = octal(124, 12);
  // A prefix or another type would give the name another meaning.
  const plain = block.toString('latin1', 156, 157) === '0' && block[345] === 0;
  return plain && name !== '' && !Number.isNaN(size) && octal(148, 8) === sumOf(block) ? { name, size } : undefined;
}

/** Bytes that follow content up to the next block. */
export function tarPadding(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}

/** The sum counts its own field as eight spaces. */
function sumOf(block: Buffer): number {
  return block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
}
