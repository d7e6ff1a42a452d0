/// What becomes of the transparent parts of an image.
@nonexhaustive
public enum AlphaTreatment: String, Sendable, CaseIterable {
  /// Alpha is ignored and the colours are taken as they are, as in the reference.
  case drop
  /// The image is laid on white.
  case white
  /// The image is laid on black.
  case black

  /// The backdrop's level in every channel, where there is one.
  private var backdrop: Int? {
    switch self {
    case .drop: nil
    case .white: 255
    case .black: 0
    }
  }

  /// Writes `count` RGBA pixels laid on the backdrop, opaque, each channel rounded to nearest.
  func write(
    _ source: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let backdrop = backdrop ?? 0
    for pixel in 0..<count {
      let index = pixel &* 4
      let alpha = unsafe Int(source[index &+ 3])
      let rest = backdrop &* (255 &- alpha) &+ 127
      for channel in 0..<3 {
        let value = unsafe Int(source[index &+ channel]) &* alpha &+ rest
        unsafe target[index &+ channel] = UInt8(truncatingIfNeeded: value / 255)
      }
      unsafe target[index &+ 3] = 255
    }
  }
}
