// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderFrameBuffers
import EmbedderImageFiles
import EmbedderStorage
import ImageEmbedding

/// A model that is ready, with the text that C asks of it.
final class EmbedderHandle: Handle {
  let process = OwnProcess()
  let embedder: ImageEmbedder
  let modelName: CText
  let headNames: [CText?]
  /// By the numbers of `ie_metadata`.
  let metadataTexts: [CText?]
  private let digest = Locked<CText?>(nil)
  private let fingerprint = Locked<CText?>(nil)

  init(_ embedder: ImageEmbedder) {
    self.embedder = embedder
    modelName = CText(embedder.options.model.description)
    headNames = embedder.heads.map { $0.name.map(CText.init) }
    let metadata = embedder.modelInfo.file.metadata
    metadataTexts = [
      metadata?.name, metadata?.description, metadata?.version, metadata?.author,
      metadata?.license, metadata?.minimumParserVersion,
    ].map { $0.map(CText.init) }
  }

  /// What makes the vectors, computed once.
  var fingerprintText: CText {
    fingerprint.withLock { fingerprint in
      let text = fingerprint ?? CText(embedder.fingerprint.description)
      fingerprint = text
      return text
    }
  }

  /// The model file's SHA-256, computed once.
  var digestText: CText {
    digest.withLock { digest in
      let text = digest ?? CText(embedder.modelDigest().description)
      digest = text
      return text
    }
  }
}

@c @implementation
public func ie_embedder_create(
  _ options: UnsafePointer<ie_options>?, _ embedder: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe make(embedder, "embedder", error) {
    EmbedderHandle(try unsafe ImageEmbedder(options: ImageEmbedder.Options(options)))
  }
}

/// Calls `body` with C's embedder and makes a handle of the result.
private func embed(
  _ embedder: OpaquePointer?, _ result: UnsafeMutablePointer<OpaquePointer?>?, _ error: ErrorPlace?,
  _ body: (ImageEmbedder) throws -> EmbeddingResult
) -> ie_status {
  unsafe make(result, "result", error) {
    ResultHandle(try body(unsafe EmbedderHandle.get(embedder, "embedder").embedder))
  }
}

@c @implementation
public func ie_embedder_embed_frame(
  _ embedder: OpaquePointer?, _ frame: UnsafePointer<ie_frame>?,
  _ region: UnsafePointer<ie_region>?, _ result: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe embed(embedder, result, error) {
    try unsafe $0.embed(FrameBuffer(frame), in: RegionOfInterest(region))
  }
}

@c @implementation
public func ie_embedder_embed_file(
  _ embedder: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ region: UnsafePointer<ie_region>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe embed(embedder, result, error) {
    try unsafe $0.embed(.file(PathBytes(path), region: RegionOfInterest(region)))
  }
}

@c @implementation
public func ie_embedder_embed_encoded(
  _ embedder: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ byteCount: Int,
  _ region: UnsafePointer<ie_region>?, _ result: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe embed(embedder, result, error) {
    let image = try unsafe EncodedImage(SharedBytes.lent(bytes, byteCount, "bytes"))
    return try unsafe $0.embed(ImageSource(.encoded(image), region: RegionOfInterest(region)))
  }
}

@c @implementation
public func ie_embedder_embed_image(
  _ embedder: OpaquePointer?, _ image: OpaquePointer?, _ region: UnsafePointer<ie_region>?,
  _ result: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe embed(embedder, result, error) {
    try unsafe $0.embed(ImageHandle.get(image, "image").image, in: RegionOfInterest(region))
  }
}

@c @implementation
public func ie_embedder_destroy(_ embedder: OpaquePointer?) {
  guard let embedder = unsafe EmbedderHandle.take(embedder) else { return }
  embedder.process.leakIfForeign(embedder)
}
