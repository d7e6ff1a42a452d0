/// How a model's input tensor wants its pixels.
package enum PixelEncoding: Hashable, Sendable {
  /// Bytes as they are; the reference uses no normalization and no quantization here.
  case uint8
  /// Normalized numbers.
  case float32(Normalization)
  /// Normalized numbers, quantized: `round(value / scale) + zeroPoint`, clamped to −128…127.
  case int8(Normalization, scale: Float, zeroPoint: Int)

  /// The size of one channel of one pixel.
  package var bytesPerChannel: Int {
    if case .float32 = self { 4 } else { 1 }
  }
}

extension Normalization {
  /// The reciprocals that the reference multiplies by; dividing gives other numbers.
  var reciprocals: [Float] { std.map { 1 / $0 } }
}

/// A normalization written out for many pixels, of which the compiler makes vector instructions: with
/// the three values of a pixel alone it took five times as long.
struct NormalizationPattern: Sendable {
  private static let pixelCount = 64
  private let means: [Float]
  private let factors: [Float]

  init(_ normalization: Normalization) {
    let repeats = 0..<Self.pixelCount
    means = repeats.flatMap { _ in normalization.mean }
    factors = repeats.flatMap { _ in normalization.reciprocals }
  }

  /// Writes `count` packed RGB pixels as normalized floats.
  func write(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Float>, count: Int) {
    unsafe means.withUnsafeBufferPointer { means in
      unsafe factors.withUnsafeBufferPointer { factors in
        for start in stride(from: 0, to: 3 * count, by: means.count) {
          let (source, target) = unsafe (source + start, target + start)
          for index in 0..<min(means.count, 3 * count - start) {
            unsafe target[index] = factors[index] * (Float(source[index]) - means[index])
          }
        }
      }
    }
  }
}

extension NormalizationPattern {
  /// Writes `count` bytes of one channel as normalized floats.
  func write(
    _ source: UnsafePointer<UInt8>, of channel: Int, to target: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    let (mean, factor) = (means[channel], factors[channel])
    for index in 0..<count {
      unsafe target[index] = factor * (Float(source[index]) - mean)
    }
  }
}

/// The quantized value of every byte of every channel: 3 tables of 256.
struct QuantizationTable: Sendable {
  private let values: [Int8]

  /// Whether every byte just becomes 128 less, as in most quantized models: that takes no table.
  private let isShift: Bool

  init(_ normalization: Normalization, scale: Float, zeroPoint: Int) {
    let factors = normalization.reciprocals
    let values = (0..<3).flatMap { channel in
      (0..<256).map { byte in
        let value = factors[channel] * (Float(byte) - normalization.mean[channel])
        let quantized = (value / scale).rounded(.toNearestOrAwayFromZero) + Float(zeroPoint)
        return Int8(min(max(quantized, -128), 127))
      }
    }
    self.values = values
    isShift = values.indices.allSatisfy { Int(values[$0]) == $0 % 256 - 128 }
  }

  /// Writes `count` bytes of one channel as quantized bytes.
  func write(
    _ source: UnsafePointer<UInt8>, of channel: Int, to target: UnsafeMutablePointer<Int8>,
    count: Int
  ) {
    unsafe values.withUnsafeBufferPointer { table in
      for index in 0..<count {
        unsafe target[index] = table[channel &* 256 &+ Int(source[index])]
      }
    }
  }

  /// Writes `count` packed RGB pixels as quantized bytes.
  func write(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Int8>, count: Int) {
    if isShift {
      for index in 0..<3 * count {
        unsafe target[index] = Int8(bitPattern: source[index] ^ 0x80)
      }
      return
    }
    unsafe values.withUnsafeBufferPointer { table in
      for pixel in 0..<count {
        let index = pixel &* 3
        unsafe target[index] = table[Int(source[index])]
        unsafe target[index &+ 1] = table[256 &+ Int(source[index &+ 1])]
        unsafe target[index &+ 2] = table[512 &+ Int(source[index &+ 2])]
      }
    }
  }
}
