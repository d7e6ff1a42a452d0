/// The rows that libyuv's bilinear `ARGBScale` may read, for one output row after another.
///
/// A large picture that is shrunk by a large factor has most of its rows skipped by the filter, and
/// what is never read need not be converted. Fixed-point positions follow `ScaleSlope` (libyuv,
/// source/scale_common): `step = (source << 16) / target`, starting half a step in, less half a row
/// where the filter blends rows. Which of the two starts holds depends on the other axis as well, so
/// the rows of both are given: at most one row too many.
struct SampledRows: Sequence {
  let sourceHeight: Int
  let targetHeight: Int

  func makeIterator() -> AnyIterator<Range<Int>> {
    guard targetHeight < sourceHeight else {
      return AnyIterator(CollectionOfOne(0..<sourceHeight).makeIterator())
    }
    let step = (sourceHeight << 16) / targetHeight
    var position = step / 2
    var done = 0
    var row = 0
    return AnyIterator {
      guard row < targetHeight else { return nil }
      let first = Swift.max(position - 0x8000, 0) >> 16
      let end = Swift.min((position >> 16) + 2, sourceHeight)
      let range = Swift.max(first, done)..<Swift.max(end, done)
      done = range.upperBound
      position += step
      row += 1
      return range
    }
  }
}
