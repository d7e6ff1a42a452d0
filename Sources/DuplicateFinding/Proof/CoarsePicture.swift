/// A picture's luma at 16 x 16 pixels, which tell most pictures apart.
package struct CoarsePicture: Hashable, Sendable {
  /// The pixels along each side.
  package static let side = 16
  /// The number of pixels.
  package static let count = side * side

  /// The pixels, row by row.
  package let pixels: [UInt8]

  /// Averages a small picture.
  package init(_ picture: LumaPicture) {
    let (side, factor) = (LumaPicture.side, LumaPicture.side / Self.side)
    pixels = (0..<Self.count).map { place in
      let (top, left) = (place / Self.side * factor, place % Self.side * factor)
      var sum = 0
      for row in top..<top + factor {
        for column in left..<left + factor { sum += Int(picture.pixels[row * side + column]) }
      }
      return UInt8((sum + factor * factor / 2) / (factor * factor))
    }
  }
}
