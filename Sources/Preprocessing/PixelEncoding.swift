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

  /// Writes `count` packed RGB pixels as normalized floats.
  func write(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Float>, count: Int) {
    let factors = reciprocals
    let (m0, m1, m2) = (mean[0], mean[1], mean[2])
    let (f0, f1, f2) = (factors[0], factors[1], factors[2])
    for pixel in 0..<count {
      let index = pixel &* 3
      unsafe target[index] = f0 * (Float(source[index]) - m0)
      unsafe target[index &+ 1] = f1 * (Float(source[index &+ 1]) - m1)
      unsafe target[index &+ 2] = f2 * (Float(source[index &+ 2]) - m2)
    }
  }
}

/// The quantized value of every byte of every channel: 3 tables of 256.
struct QuantizationTable: Sendable {
  private let values: [Int8]

  init(_ normalization: Normalization, scale: Float, zeroPoint: Int) {
    let factors = normalization.reciprocals
    values = (0..<3).flatMap { channel in
      (0..<256).map { byte in
        let value = factors[channel] * (Float(byte) - normalization.mean[channel])
        let quantized = (value / scale).rounded(.toNearestOrAwayFromZero) + Float(zeroPoint)
        return Int8(min(max(quantized, -128), 127))
      }
    }
  }

  /// Writes `count` packed RGB pixels as quantized bytes.
  func write(_ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<Int8>, count: Int) {
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
