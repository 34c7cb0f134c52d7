/** Reads the little-endian fields that plans and frames are made of (native/PROTOCOL.md). Never reads past the end. */
export class ByteReader {
  readonly #data: Buffer;
  readonly #cutShort: () => Error;
  #at = 0;

  /** `cutShort` makes the error for bytes that end too early. */
  constructor(data: Buffer, cutShort: () => Error) {
    this.#data = data;
    this.#cutShort = cutShort;
  }
  #take(n: number): number {
    const at = this.#at;
    if (at + n > this.#data.length) throw this.#cutShort();
    this.#at = at + n;
    return at;
  }
  u8(): number {
    return this.#data.readUInt8(this.#take(1));
  }
  u16(): number {
    return this.#data.readUInt16LE(this.#take(2));
  }
  u32(): number {
    return this.#data.readUInt32LE(this.#take(4));
  }
  u64(): bigint {
    return this.#data.readBigUInt64LE(this.#take(8));
  }
  text(): string {
    const length = this.u32();
    const at = this.#take(length);
    return this.#data.toString('utf8', at, at + length);
  }
  bytes(n: number): Buffer {
    const at = this.#take(n);
    return this.#data.subarray(at, at + n);
  }
  get rest(): number {
    return this.#data.length - this.#at;
  }
}
