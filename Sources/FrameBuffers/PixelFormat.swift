/// How pixels lie in memory.
public enum PixelFormat: Sendable, CaseIterable {
  /// Three bytes a pixel: red, green, blue.
  case rgb
  /// Four bytes a pixel: red, green, blue, alpha. Alpha is not used.
  case rgba

  /// The bytes from one pixel to the next.
  package var bytesPerPixel: Int {
    switch self {
    case .rgb: 3
    case .rgba: 4
    }
  }
}
