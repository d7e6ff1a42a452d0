import EmbedderFrameBuffers

/// Shrinks an image: each pixel of the result is the mean of the area of the source that it covers.
///
/// Source pixels that are covered in part count in part. Up to its one rounding, to nearest and halves
/// up, the mean is computed exactly and in integers, so it is the same on every machine. An axis that
/// is not longer than its target keeps its length.
struct AreaAverage {
  private let columns: Axis
  private let rows: Axis
  /// So many bytes fit into a sum of 16 bits, whatever they are.
  private static let mostRowsInSum = 257

  /// Makes the shrinking of a region to a size, or `nil` where no axis is longer than its target.
  init?(_ region: RegionOfInterest, toWidth width: Int, height: Int) {
    guard region.width > width || region.height > height else { return nil }
    columns = Axis(source: region.width, target: min(width, region.width))
    rows = Axis(source: region.height, target: min(height, region.height))
  }

  /// Shrinks an image of the region's size with 1, 3 (RGB) or 4 (RGBA) channels; RGBA is laid on its
  /// backdrop before anything is averaged.
  func shrink(
    _ image: Pixels, channels: Int, alpha: AlphaTreatment = .drop, _ workspace: inout Workspace
  ) throws(PreprocessingError) -> Pixels {
    let result = try Pixels(
      in: &workspace, width: columns.target, height: rows.target, bytesPerPixel: channels)
    let count = image.width * channels
    let scratch = try unsafe workspace.sums.take(count * Self.scratchBytesPerSample)
    let totals = unsafe UnsafeMutableRawPointer(scratch).bindMemory(
      to: UInt32.self, capacity: count)
    let sums = unsafe UnsafeMutableRawPointer(totals + count).bindMemory(
      to: UInt16.self, capacity: count)
    let opaque = unsafe UnsafeMutableRawPointer(sums + count).bindMemory(
      to: UInt8.self, capacity: count)

    func line(_ row: Int) -> UnsafePointer<UInt8> {
      let line = unsafe image.start + row * image.stride
      guard channels == 4, alpha != .drop else { return unsafe line }
      unsafe alpha.write(line, to: opaque, count: image.width)
      return unsafe UnsafePointer(opaque)
    }

    let columnCovers = (0..<columns.target).map(columns.cover)
    let area = Divisor(UInt64(columns.source * rows.source))
    for row in 0..<rows.target {
      let cover = rows.cover(row)
      unsafe totals.update(repeating: 0, count: count)
      if cover.leadingWeight > 0 {
        unsafe add(
          line(cover.whole.lowerBound - 1), times: cover.leadingWeight, to: totals, count)
      }
      for start in stride(
        from: cover.whole.lowerBound, to: cover.whole.upperBound, by: Self.mostRowsInSum)
      {
        unsafe sums.update(repeating: 0, count: count)
        for full in start..<min(start + Self.mostRowsInSum, cover.whole.upperBound) {
          unsafe add(line(full), to: sums, count)
        }
        unsafe add(sums, times: rows.wholeWeight, to: totals, count)
      }
      if cover.trailingWeight > 0 {
        unsafe add(line(cover.whole.upperBound), times: cover.trailingWeight, to: totals, count)
      }
      unsafe average(
        totals, channels, columnCovers, area, to: result.mutableStart + row * result.stride)
    }
    return result
  }

  /// For totals in 32 bits, sums in 16 and a row of pixels.
  private static let scratchBytesPerSample = 7

  // The three loops below are what the compiler turns into vector instructions. A total is at most 255
  // times the source's extent and so is never too large.

  private func add(
    _ line: UnsafePointer<UInt8>, to sums: UnsafeMutablePointer<UInt16>, _ count: Int
  ) {
    for place in 0..<count { unsafe sums[place] &+= UInt16(line[place]) }
  }

  private func add(
    _ line: UnsafePointer<UInt8>, times weight: UInt16, to totals: UnsafeMutablePointer<UInt32>,
    _ count: Int
  ) {
    for place in 0..<count { unsafe totals[place] &+= UInt32(line[place]) &* UInt32(weight) }
  }

  private func add(
    _ sums: UnsafeMutablePointer<UInt16>, times weight: UInt16,
    to totals: UnsafeMutablePointer<UInt32>, _ count: Int
  ) {
    for place in 0..<count { unsafe totals[place] &+= UInt32(sums[place]) &* UInt32(weight) }
  }

  /// One row of the result of the weighted sums of each source column.
  private func average(
    _ totals: UnsafeMutablePointer<UInt32>, _ channels: Int, _ covers: [Axis.Cover],
    _ area: Divisor, to target: UnsafeMutablePointer<UInt8>
  ) {
    let wholeWeight = UInt64(columns.wholeWeight)
    var target = unsafe target
    for cover in covers {
      let first = unsafe totals + cover.whole.lowerBound &* channels
      let end = cover.whole.count &* channels
      for channel in 0..<channels {
        var sum: UInt64 = 0
        var place = channel
        while place < end {
          unsafe sum &+= UInt64(first[place])
          place &+= channels
        }
        sum &*= wholeWeight
        if cover.leadingWeight > 0 {
          unsafe sum &+= UInt64(first[channel &- channels]) &* UInt64(cover.leadingWeight)
        }
        if cover.trailingWeight > 0 {
          unsafe sum &+= UInt64(first[end &+ channel]) &* UInt64(cover.trailingWeight)
        }
        unsafe target[channel] = UInt8(truncatingIfNeeded: area.roundedQuotient(sum))
      }
      unsafe target += channels
    }
  }
}

/// How the pixels of a shorter axis lie on those of a longer one.
///
/// Lengths are counted in parts of which a source pixel has as many as there are target pixels, and a
/// target pixel as many as there are source pixels: then all are whole numbers.
private struct Axis {
  let source: Int
  let target: Int

  /// The weight of a source pixel that is covered wholly.
  var wholeWeight: UInt16 { UInt16(target) }

  /// The source pixels under one target pixel.
  struct Cover {
    /// Those that are covered wholly.
    let whole: Range<Int>
    /// How much is covered of the pixel before them.
    let leadingWeight: UInt16
    /// How much is covered of the pixel after them.
    let trailingWeight: UInt16
  }

  func cover(_ index: Int) -> Cover {
    let (start, end) = (index * source, (index + 1) * source)
    let whole = (start + target - 1) / target..<end / target
    return Cover(
      whole: whole, leadingWeight: UInt16(whole.lowerBound * target - start),
      trailingWeight: UInt16(end - whole.upperBound * target))
  }
}

/// Division of many numbers by one, by a multiplication.
///
/// The factor is `2^(64 + shift) / divisor`, rounded up. With `divisor < 2^(shift + 2)` that makes a
/// quotient too large by less than `dividend / 2^62` parts of which `divisor` are 1, and so by too little
/// to reach the next whole number, for dividends up to 2^62.
private struct Divisor {
  private let half: UInt64
  private let factor: UInt64
  private let shift: Int

  /// Makes a division by 2 or more.
  init(_ divisor: UInt64) {
    half = divisor / 2
    shift = 62 - divisor.leadingZeroBitCount
    factor = divisor.dividingFullWidth((1 << UInt64(shift), divisor - 1)).quotient
  }

  /// The quotient to the nearest whole number, halves up.
  func roundedQuotient(_ dividend: UInt64) -> UInt64 {
    (dividend &+ half).multipliedFullWidth(by: factor).high &>> UInt64(shift)
  }
}
