/// The rows of a frame that libyuv's bilinear `ARGBScale` may read, for one output row after another.
///
/// A large picture that is shrunk by a large factor has most of its rows skipped by the filter, and
/// what is never read need not be decoded or converted. Fixed-point positions follow `ScaleSlope` (libyuv,
/// source/scale_common): `step = (source << 16) / target`, starting half a step in, less half a row
/// where the filter blends rows. Which of the two starts holds depends on the other axis as well, so
/// the rows of both are given: at most one row too many. The ranges are not empty and ascend.
package struct SampledRows: Sequence, Hashable, Sendable {
  /// The first of the rows that are scaled.
  package let top: Int
  /// The number of rows that are scaled.
  package let sourceHeight: Int
  /// The number of rows that they are scaled to.
  package let targetHeight: Int

  /// Makes the rows of scaling `sourceHeight` rows, from `top` on, to `targetHeight`.
  package init(top: Int = 0, sourceHeight: Int, targetHeight: Int) {
    self.top = top
    self.sourceHeight = sourceHeight
    self.targetHeight = targetHeight
  }

  package func makeIterator() -> AnyIterator<Range<Int>> {
    let step = (sourceHeight << 16) / targetHeight
    // libyuv counts in 32 bits, and a step that does not fit leads it to other rows.
    guard targetHeight < sourceHeight, step <= Int(Int32.max) else {
      return AnyIterator(CollectionOfOne(top..<top + sourceHeight).makeIterator())
    }
    var position = step / 2
    var done = 0
    var row = 0
    return AnyIterator {
      while row < targetHeight {
        let first = Swift.max(position - 0x8000, 0) >> 16
        let end = Swift.min((position >> 16) + 2, sourceHeight)
        position += step
        row += 1
        guard end > done else { continue }
        defer { done = end }
        return top + Swift.max(first, done)..<top + end
      }
      return nil
    }
  }
}
