public import EmbedderFrameBuffers
public import EmbedderImageFiles
import EmbedderStorage

extension ImageEmbedder {
  /// Decodes the image in a file for this embedder, as its options say.
  ///
  /// - Parameters:
  ///   - path: The file's path; its content, not its name, says which format it is.
  ///   - region: What will be embedded of it, in pixels of the upright picture; by default all. With
  ///     ``DecodingQuality/fast`` a smaller region has less detail than if it were decoded for itself.
  /// - Returns: The image, for ``embed(_:in:)-(DecodedImage,_)``.
  /// - Throws: ``EmbedderError/image(path:_:)``.
  public func decode(
    contentsOf path: String, for region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> DecodedImage {
    do {
      return try ImageFile.decode(contentsOf: path, options: decodingOptions(for: region))
    } catch {
      throw .image(path: path, error)
    }
  }

  /// Decodes an encoded image in memory for this embedder, as its options say.
  ///
  /// - Parameters:
  ///   - bytes: The whole encoded image, such as the content of a JPEG file.
  ///   - region: As for a file.
  /// - Returns: The image, for ``embed(_:in:)-(DecodedImage,_)``.
  /// - Throws: ``EmbedderError/image(path:_:)``.
  public func decode(
    encoded bytes: RawSpan, for region: RegionOfInterest? = nil
  ) throws(EmbedderError) -> DecodedImage {
    do {
      return try ImageFile.decode(bytes, options: decodingOptions(for: region))
    } catch {
      throw .image(path: nil, error)
    }
  }

  /// Reads and decodes an image, wherever it is, for this embedder.
  ///
  /// - Parameters:
  ///   - source: The image, and what is used of it.
  ///   - isOnlyEmbedded: Whether nothing is done with the pixels but embed that region of them: rows that
  ///     this does not read may then stay empty.
  /// - Returns: The pixels.
  /// - Throws: ``EmbedderError/image(path:_:)`` that names the image where it has a name.
  package func decode(
    _ source: ImageSource, isOnlyEmbedded: Bool
  ) throws(EmbedderError) -> DecodedSource {
    do {
      return try pixels(of: source, isOnlyEmbedded)
    } catch {
      throw .image(path: source.name ?? source.path?.description, error)
    }
  }

  private func pixels(
    of source: ImageSource, _ isOnlyEmbedded: Bool
  ) throws(DecodingError) -> DecodedSource {
    let options = decodingOptions(for: source.region, isOnlyEmbedded: isOnlyEmbedded)
    switch source.content {
    case .file(let path):
      return .image(try ImageFile.decode(contentsOf: path, options: options))
    case .encoded(let image):
      let bytes = image.bytes
      return .image(try ImageFile.decode(bytes.bytes, options: options))
    case .rawFile(let path, let description):
      var frame = try ImageFile.readRawFrame(contentsOf: path, as: description)
      frame.orientation = frame.orientation.rotated(by: self.options.rotation)
      return .frame(frame)
    case .frame(let frame):
      return .frame(frame)
    }
  }

  /// How an image is decoded of which this embedder will embed a region.
  func decodingOptions(
    for region: RegionOfInterest?, isOnlyEmbedded: Bool = false
  ) -> DecodingOptions {
    var decoding = options.decoding
    decoding.decodesJPEGAsTaskLibrary = options.decodingQuality == .taskLibrary
    if options.decodingQuality == .fast { decoding.target = target(for: region) }
    // Only this preset leaves rows out, and no opaque picture need be laid on a backdrop.
    if isOnlyEmbedded, options.preset == .taskLibraryV1, options.alpha == .drop {
      decoding.onlyTarget = target(for: region)
    }
    return decoding
  }

  /// The model's input size before the rotation of the options; `nil` where the model leaves it open.
  private func target(for region: RegionOfInterest?) -> DecodingTarget? {
    guard let (tensor, layout) = modelInfo.input.map({ ($0.tensor, $0.layout) }),
      !tensor.isDynamic(axis: layout.heightAxis), !tensor.isDynamic(axis: layout.widthAxis)
    else { return nil }
    let (height, width) = (tensor.shape[layout.heightAxis], tensor.shape[layout.widthAxis])
    let size = Orientation.topLeft.rotated(by: options.rotation)
      .turned(width: width, height: height)
    return DecodingTarget(width: size.width, height: size.height, region: region)
  }
}

/// The pixels of an image source.
package enum DecodedSource: Sendable {
  case image(DecodedImage)
  case frame(FrameBuffer)
}
