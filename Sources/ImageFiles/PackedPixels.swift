import EmbedderStorage

extension AlignedBuffer {
  /// Makes packed RGB of packed RGBA, in place.
  mutating func dropAlpha() {
    let count = byteCount / 4
    unsafe withUnsafeMutableBytes { bytes in
      for pixel in 0..<count {
        unsafe bytes[3 * pixel] = bytes[4 * pixel]
        unsafe bytes[3 * pixel + 1] = bytes[4 * pixel + 1]
        unsafe bytes[3 * pixel + 2] = bytes[4 * pixel + 2]
      }
    }
    truncate(to: 3 * count)
  }

  /// Divides the colours of packed RGBA by alpha, by which they were multiplied.
  mutating func unpremultiply() {
    let count = byteCount / 4
    unsafe withUnsafeMutableBytes { bytes in
      for pixel in 0..<count {
        let alpha = unsafe UInt32(bytes[4 * pixel + 3])
        guard alpha != 0, alpha != 255 else { continue }
        for index in 4 * pixel..<4 * pixel + 3 {
          unsafe bytes[index] = UInt8(
            clamping: (UInt32(bytes[index]) * 255 + alpha / 2) / alpha)
        }
      }
    }
  }

  /// Sets all bytes to zero: black, and transparent where there is alpha.
  mutating func clear() {
    unsafe withUnsafeMutableBytes { bytes in
      _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }
}
