/** Node's Buffer, as far as making a plan needs it. */
import { host } from '../host.ts';

type Encoding = 'utf8' | 'utf-8' | 'latin1' | 'hex';

function encode(text: string, encoding: Encoding | undefined): ArrayBuffer {
  if (encoding === 'hex') return host.giveUp('hexadecimal digits');
  return encoding === 'latin1' ? host.latin1(text) : host.utf8(text);
}

export class Buffer extends Uint8Array {
  static override from(source: unknown, encoding?: unknown): Buffer {
    if (typeof source === 'string') return new Buffer(encode(source, encoding as Encoding | undefined));
    return source instanceof Uint8Array ? new Buffer(source) : host.giveUp('a buffer of something else');
  }
  static alloc(size: number): Buffer {
    return new Buffer(size);
  }
  static allocUnsafe(size: number): Buffer {
    return new Buffer(size);
  }
  /** Asked a thousand times: without a call of its own. */
  static readonly byteLength = host.byteLength;
  static concat(parts: readonly Uint8Array[]): Buffer {
    const whole = new Buffer(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  override subarray(begin?: number, end?: number): Buffer {
    const part = super.subarray(begin, end);
    return new Buffer(part.buffer, part.byteOffset, part.length);
  }
  override toString(encoding?: Encoding): string {
    if (encoding === 'hex') return host.giveUp('hexadecimal digits');
    return encoding === 'latin1' ? host.fromLatin1(this) : host.fromUtf8(this);
  }
  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, at) => byte === other[at]);
  }
  write(text: string, encoding?: Encoding): number {
    const bytes = new Uint8Array(encode(text, encoding));
    this.set(bytes);
    return bytes.length;
  }
  writeUInt16LE(value: number, at = 0): number {
    this[at] = value;
    this[at + 1] = value >>> 8;
    return at + 2;
  }
  writeUInt16BE(value: number, at = 0): number {
    this[at] = value >>> 8;
    this[at + 1] = value;
    return at + 2;
  }
  writeUInt32LE(value: number, at = 0): number {
    this.writeUInt16LE(value, at);
    return this.writeUInt16LE(value >>> 16, at + 2);
  }
  writeUInt8(value: number, at = 0): number {
    this[at] = value;
    return at + 1;
  }
}

export function isUtf8(bytes: Uint8Array): boolean {
  return host.isUtf8(bytes);
}

/** Of the Encoding Standard, for bytes that are known to be UTF-8: a byte order mark is left out. */
export class TextDecoder {
  decode(bytes: Uint8Array): string {
    const text = host.fromUtf8(bytes);
    return text.startsWith('\uFEFF') ? text.slice(1) : text;
  }
}
