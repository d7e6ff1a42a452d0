import EmbedderFrameBuffers
import EmbedderTestSupport

/// A picture as its planes, and all that the reference does with one, in plain Swift.
struct ReferencePicture {
  let format: PixelFormat
  /// In the order in which they lie in memory.
  private let planes: [PixelImage]

  var width: Int { planes[0].width }
  var height: Int { planes[0].height }

  /// Noise.
  init(
    randomOfWidth width: Int, height: Int, format: PixelFormat,
    using generator: inout SeededGenerator
  ) {
    let (chromaWidth, chromaHeight) = ((width + 1) / 2, (height + 1) / 2)
    let first = PixelImage(
      randomOfWidth: width, height: height, channels: format.bytesPerPixel, using: &generator)
    let chroma = Self.chromaChannels(format).map { channels in
      PixelImage(
        randomOfWidth: chromaWidth, height: chromaHeight, channels: channels, using: &generator)
    }
    self.init(format: format, planes: [first] + chroma)
  }

  private init(format: PixelFormat, planes: [PixelImage]) {
    self.format = format
    self.planes = planes
  }

  /// The channels of every plane of chroma.
  private static func chromaChannels(_ format: PixelFormat) -> [Int] {
    switch format.arrangement {
    case .packed: []
    case .biplanar: [2]
    case .triplanar: [1, 1]
    }
  }

  /// The picture in one piece of memory, its rows of the first plane `rowStride` bytes apart.
  func bytes(rowStride: Int) -> [UInt8] {
    let chromaStride =
      switch format.arrangement {
      case .biplanar: rowStride == width ? rowStride + rowStride % 2 : rowStride
      default: (rowStride + 1) / 2
      }
    return planes.enumerated().flatMap { index, plane in
      plane.padded(by: (index == 0 ? rowStride : chromaStride) - plane.width * plane.channels)
    }
  }

  /// RGB of a region, stretched to a size and brought upright; `nil` where the scaler knows no rule.
  func upright(
    _ orientation: Orientation, region: RegionOfInterest, width: Int, height: Int
  ) -> PixelImage? {
    let (storedWidth, storedHeight) =
      orientation.swapsWidthAndHeight ? (height, width) : (width, height)
    return cropped(region).scaled(width: storedWidth, height: storedHeight)?
      .mapPlanes { $0.upright(exifOrientation: Int(orientation.rawValue)) }.rgb
  }

  private func mapPlanes(_ change: (PixelImage) -> PixelImage) -> ReferencePicture {
    ReferencePicture(format: format, planes: planes.map(change))
  }

  /// An odd corner takes the chroma to the left of it and above.
  private func cropped(_ region: RegionOfInterest) -> ReferencePicture {
    let first = planes[0].cropped(
      x: region.x, y: region.y, width: region.width, height: region.height)
    let chroma = planes.dropFirst().map {
      $0.cropped(
        x: region.x / 2, y: region.y / 2, width: (region.width + 1) / 2,
        height: (region.height + 1) / 2)
    }
    return ReferencePicture(format: format, planes: [first] + chroma)
  }

  private func scaled(width: Int, height: Int) -> ReferencePicture? {
    guard width != self.width || height != self.height else { return self }
    var result: [PixelImage] = []
    for (index, plane) in planes.enumerated() {
      // A gray picture is scaled as the RGB that it stands for.
      let function: ReferenceScaler.Function =
        format == .gray ? .argbScale : [1: .scalePlane, 2: .uvScale][plane.channels] ?? .argbScale
      let size = index == 0 ? (width, height) : ((width + 1) / 2, (height + 1) / 2)
      guard ReferenceScaler.knows(plane, width: size.0, height: size.1, by: function) else {
        return nil
      }
      result.append(
        ReferenceScaler.scaled(plane, width: size.0, height: size.1, by: function))
    }
    return ReferencePicture(format: format, planes: result)
  }

  /// Alpha is dropped, gray fills all channels, every block of two by two shares its chroma.
  private var rgb: PixelImage {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(width * height * 3)
    for y in 0..<height {
      for x in 0..<width {
        let first = planes[0].pixel(x, y)
        let chroma = planes.dropFirst().flatMap { $0.pixel(x / 2, y / 2) }.map { Int($0) }
        switch format {
        case .rgb, .rgba:
          bytes += first.prefix(3)
        case .gray:
          bytes += [first[first.startIndex], first[first.startIndex], first[first.startIndex]]
        case .nv12, .yv21:
          bytes += YUVPicture.rgb(Int(first[first.startIndex]), chroma[0], chroma[1])
        case .nv21, .yv12:
          bytes += YUVPicture.rgb(Int(first[first.startIndex]), chroma[1], chroma[0])
        }
      }
    }
    return PixelImage(width: width, height: height, channels: 3, bytes: bytes)
  }
}
