// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderPlatform
import EmbedderPreprocessing
import EmbedderStorage
import ImageEmbedding

extension ModelAnnotations {
  /// The annotations that C describes.
  init(_ pointer: UnsafePointer<ie_annotations>?) throws {
    self.init()
    let annotations = try unsafe ie_annotations(pointer, "annotations")
    normalization = try unsafe Normalization(
      mean: annotations.normalization_mean, std: annotations.normalization_std,
      count: annotations.normalization_count)
    name = try unsafe text(annotations.name, "name")
    description = try unsafe text(annotations.description, "description")
    version = try unsafe text(annotations.version, "version")
    author = try unsafe text(annotations.author, "author")
    license = try unsafe text(annotations.license, "license")
    let count = unsafe annotations.head_name_count
    // No model that can be read has so many.
    guard (0...Self.largestHeadCount).contains(count) else {
      throw CallError.invalid(
        "head_name_count", UInt(bitPattern: count), needed: "the number of the model's outputs")
    }
    guard count > 0 else { return }
    guard let pointers = unsafe annotations.head_names else { throw CallError.null("head_names") }
    headNames = try (0..<count).map { index in
      guard let name = try unsafe text(pointers[index], "head_names[\(index)]") else {
        throw CallError.null("head_names[\(index)]")
      }
      return name
    }
  }

  private static let largestHeadCount = 65_536
}

/// Text of the caller's; `nil` for `NULL`.
private func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String? {
  guard let pointer = unsafe pointer else { return nil }
  guard let text = unsafe String(validatingCString: pointer) else {
    throw CallError("\(name) is not UTF-8; text in UTF-8 is needed")
  }
  return text
}

@c @implementation
public func ie_model_annotate(
  _ options: UnsafePointer<ie_options>?, _ annotations: UnsafePointer<ie_annotations>?,
  _ output: UnsafePointer<CChar>?, _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe perform(error) {
    let model = try unsafe ModelSource(options)
    let annotations = try unsafe ModelAnnotations(annotations)
    guard let output = unsafe output else { throw CallError.null("output") }
    let path = unsafe PathBytes(
      UnsafeBufferPointer(start: output, count: strlen(output)).map(UInt8.init(bitPattern:)))
    try ImageEmbedder.annotate(model, with: annotations, output: path)
  }
}
