import CEmbedderTIFFShim
import EmbedderPlatform
import EmbedderStorage

extension AlignedBuffer {
  /// Makes RGB of what libtiff's shim decoded, four bytes a pixel, in place; the fourth byte stays where
  /// it is alpha.
  mutating func convertToRGB(fromTIFF kind: Int) {
    switch kind {
    case CTIFF_CMYK: convertFromInks()
    case CTIFF_CIELAB: convertFromLab(isSigned: true)
    case CTIFF_ICCLAB: convertFromLab(isSigned: false)
    default: break
    }
  }

  /// As libtiff converts inks of 8 bits.
  private mutating func convertFromInks() {
    let count = byteCount / 4
    unsafe withUnsafeMutableBytes { bytes in
      for pixel in 0..<count {
        let light = unsafe 255 - Int(bytes[4 * pixel + 3])
        for index in 4 * pixel..<4 * pixel + 3 {
          unsafe bytes[index] = UInt8(light * (255 - Int(bytes[index])) / 255)
        }
      }
    }
  }

  /// By the colour profile of sRGB: Lab's white is that of print viewing (D50), which becomes the
  /// screen's, so that what has no colour is gray.
  ///
  /// Libtiff converts with the same white to a screen of another (D65), which turns gray yellow.
  private mutating func convertFromLab(isSigned: Bool) {
    let count = byteCount / 4
    // Bradford's adaptation and sRGB's primaries in one: the inverse of the columns of the sRGB profile,
    // IEC 61966-2-1 with D50.
    let red = (x: 3.1338561, y: -1.6168667, z: -0.4906146)
    let green = (x: -0.9787684, y: 1.9161415, z: 0.0334540)
    let blue = (x: 0.0719453, y: -0.2289914, z: 1.4052427)
    let white = (x: 0.9642, z: 0.8249)
    let levels = (0...4096).map { step -> UInt8 in
      let light = Double(step) / 4096
      let value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
      return UInt8((value * 255).rounded())
    }
    func part(_ value: Double) -> Double {
      let epsilon = 6.0 / 29
      return value > epsilon ? value * value * value : 3 * epsilon * epsilon * (value - 4.0 / 29)
    }
    func level(_ row: (x: Double, y: Double, z: Double), _ x: Double, _ y: Double, _ z: Double)
      -> UInt8
    {
      levels[Int(min(max(row.x * x + row.y * y + row.z * z, 0), 1) * 4096 + 0.5)]
    }
    unsafe withUnsafeMutableBytes { bytes in
      for pixel in 0..<count {
        let place = 4 * pixel
        let offset = isSigned ? 0 : 128
        let stored = unsafe (bytes[place + 1], bytes[place + 2])
        let a = isSigned ? Int(Int8(bitPattern: stored.0)) : Int(stored.0) - offset
        let b = isSigned ? Int(Int8(bitPattern: stored.1)) : Int(stored.1) - offset
        let lightness = unsafe (Double(bytes[place]) / 2.55 + 16) / 116
        let y = part(lightness)
        let x = white.x * part(lightness + Double(a) / 500)
        let z = white.z * part(lightness - Double(b) / 200)
        unsafe bytes[place] = level(red, x, y, z)
        unsafe bytes[place + 1] = level(green, x, y, z)
        unsafe bytes[place + 2] = level(blue, x, y, z)
      }
    }
  }
}
