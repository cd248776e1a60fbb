/** Bytes written one after the other into a buffer that doubles: for the binary formats. */
export class ByteWriter {
  private bytes = new Uint8Array(4096);
  private view = new DataView(this.bytes.buffer);
  private length = 0;
  private readonly encoder = new TextEncoder();

  byte(value: number): void {
    this.view.setUint8(this.grow(1), value);
  }

  uint16(value: number, littleEndian = false): void {
    this.view.setUint16(this.grow(2), value, littleEndian);
  }

  uint32(value: number, littleEndian = false): void {
    this.view.setUint32(this.grow(4), value, littleEndian);
  }

  int32(value: number, littleEndian = false): void {
    this.view.setInt32(this.grow(4), value, littleEndian);
  }

  int64(value: number, littleEndian = false): void {
    this.view.setBigInt64(this.grow(8), BigInt(value), littleEndian);
  }

  /** IEEE 754, big-endian. */
  double(value: number): void {
    this.view.setFloat64(this.grow(8), value);
  }

  /** UTF-8, after `head` was told how many bytes. */
  text(text: string, head: (byteCount: number) => void): void {
    const encoded = this.encoder.encode(text);
    head(encoded.length);
    const at = this.grow(encoded.length); // may replace this.bytes
    this.bytes.set(encoded, at);
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

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
