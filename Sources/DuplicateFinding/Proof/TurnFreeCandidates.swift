/// The pairs of pictures that may be turned or mirrored copies, by descriptors that do not see it.
struct TurnFreeCandidates: Sendable {
  /// The product from which two descriptors are those of copies.
  static let leastProduct: Float = 0.9
  private static let blockLength = 64

  private let components: [Float]
  private let count: Int

  init(_ descriptors: [TurnFreeDescriptor]) {
    count = descriptors.count
    components = descriptors.flatMap(\.components)
  }

  /// The first pictures of the blocks whose pairs are found at once.
  var blocks: [Int] { Array(stride(from: 0, to: count, by: Self.blockLength)) }

  /// The pairs whose first picture is in a block, in order.
  func pairs(of block: Int) -> [SIMD2<UInt32>] {
    var found: [SIMD2<UInt32>] = []
    let length = TurnFreeDescriptor.count
    unsafe components.withUnsafeBufferPointer { components in
      for first in block..<min(block + Self.blockLength, count) {
        let a = unsafe UnsafeBufferPointer(rebasing: components[(first * length)...])
        for second in first + 1..<max(count, first + 1) {
          let b = unsafe UnsafeBufferPointer(rebasing: components[(second * length)...])
          var sum = SIMD8<Float>()
          for place in stride(from: 0, to: length, by: 8) {
            let x = unsafe UnsafeRawPointer(a.baseAddress.unsafelyUnwrapped + place)
              .loadUnaligned(as: SIMD8<Float>.self)
            let y = unsafe UnsafeRawPointer(b.baseAddress.unsafelyUnwrapped + place)
              .loadUnaligned(as: SIMD8<Float>.self)
            sum += x * y
          }
          if sum.sum() >= Self.leastProduct {
            found.append(SIMD2(UInt32(first), UInt32(second)))
          }
        }
      }
    }
    return found
  }
}
