/** Bytes written one after the other into a buffer that doubles: for the binary formats. */
export class ByteWriter {
  private bytes = new Uint8Array(4096);
  private view = new DataView(this.bytes.buffer);
  private length = 0;
  private readonly encoder = new TextEncoder();

  byte(value: number): void {
    const at = this.grow(1);
    this.view.setUint8(at, value);
  }

  uint16(value: number, littleEndian = false): void {
    const at = this.grow(2);
    this.view.setUint16(at, value, littleEndian);
  }

  uint32(value: number, littleEndian = false): void {
    const at = this.grow(4);
    this.view.setUint32(at, value, littleEndian);
  }

  int32(value: number, littleEndian = false): void {
    const at = this.grow(4);
    this.view.setInt32(at, value, littleEndian);
  }

  int64(value: number, littleEndian = false): void {
    const at = this.grow(8);
    this.view.setBigInt64(at, BigInt(value), littleEndian);
  }

  /** IEEE 754, big-endian. */
  double(value: number): void {
    const at = this.grow(8);
    this.view.setFloat64(at, value);
  }

  /** UTF-8, after `head` was told how many bytes. */
  text(text: string, head: (byteCount: number) => void): void {
    const encoded = this.encoder.encode(text);
    head(encoded.length);
    const at = this.grow(encoded.length);
    this.bytes.set(encoded, at);
  }

  /** What was written since it was taken last, if it is as much. */
  take(bytesMin = 0): Uint8Array | undefined {
    if (this.length < bytesMin) return undefined;
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Reserves bytes, which may replace `bytes` and `view`; returns where they start. */
  private grow(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length));
      larger.set(this.bytes);
      this.bytes = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}
