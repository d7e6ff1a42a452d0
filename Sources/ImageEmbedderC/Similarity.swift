// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderEmbeddings

extension ie_vector {
  /// Throws for a vector that is of both kinds, or of none although it has components.
  func validate(_ name: String) throws {
    guard unsafe count >= 0 else {
      throw CallError.invalid(
        "count of \(name)", unsafe UInt(bitPattern: count), needed: "a smaller number")
    }
    let kinds = unsafe (floats == nil ? 0 : 1) + (quantized == nil ? 0 : 1)
    guard unsafe kinds == 1 || kinds == 0 && count == 0 else {
      throw CallError(
        "\(name) has \(kinds == 0 ? "neither floats nor" : "both floats and") quantized components;"
          + " one of them is needed")
    }
  }
}

@c @implementation
public func ie_cosine_similarity(
  _ u: UnsafePointer<ie_vector>?, _ v: UnsafePointer<ie_vector>?,
  _ similarity: UnsafeMutablePointer<Double>?,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> ie_status {
  unsafe similarity?.pointee = .nan
  return unsafe perform(error) {
    guard let u = unsafe u?.pointee else { throw CallError.null("u") }
    guard let v = unsafe v?.pointee else { throw CallError.null("v") }
    guard let similarity = unsafe similarity else { throw CallError.null("similarity") }
    try unsafe u.validate("u")
    try unsafe v.validate("v")
    let cosine: Double
    switch unsafe (u.quantized, v.quantized) {
    case (let first?, let second?):
      cosine = try unsafe cosineSimilarity(
        Span(_unsafeStart: first, count: u.count), Span(_unsafeStart: second, count: v.count))
    case (nil, nil):
      cosine = try unsafe cosineSimilarity(
        Span(_unsafeElements: UnsafeBufferPointer(start: u.floats, count: u.count)),
        Span(_unsafeElements: UnsafeBufferPointer(start: v.floats, count: v.count)))
    default:
      throw SimilarityError.mixedKinds
    }
    unsafe similarity.pointee = cosine
  }
}
