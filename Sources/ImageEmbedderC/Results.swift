// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import BatchEmbedding
public import CImageEmbedder
import EmbedderEmbeddings
import ImageEmbedding

/// What became of one image.
final class ResultHandle: Handle {
  let index: Int
  let image: EmbeddingResult?
  let code: StatusCode
  let message: CText?
  let warnings: [CText]

  /// Wraps an image that was embedded.
  init(_ image: EmbeddingResult, index: Int = 0) {
    self.index = index
    self.image = image
    code = .ok
    message = nil
    warnings = image.warnings.map(CText.init)
  }

  /// Wraps what became of an item of a batch.
  convenience init(_ result: BatchResult) {
    switch result.outcome {
    case .embedded(let image): self.init(image, index: result.index)
    case .failed(let error): self.init(failure: CallError(error), index: result.index)
    case .skipped(let reason): self.init(failure: CallError(reason), index: result.index)
    }
  }

  private init(failure: CallError, index: Int) {
    self.index = index
    image = nil
    code = failure.code
    message = CText(failure.message)
    warnings = []
  }
}

extension FeatureVector {
  /// The vector as C sees it.
  ///
  /// An array that nobody changes keeps its elements where they are.
  fileprivate var lent: ie_vector {
    switch self {
    case .float(let values):
      unsafe ie_vector(
        floats: values.withUnsafeBufferPointer { $0.baseAddress }, quantized: nil,
        count: values.count)
    case .quantized(let values):
      unsafe ie_vector(
        floats: nil, quantized: values.withUnsafeBufferPointer { $0.baseAddress },
        count: values.count)
    }
  }
}

@c @implementation
public func ie_result_status(_ result: OpaquePointer?) -> ie_status {
  unsafe ie_status(ResultHandle.find(result)?.code ?? .invalidArgument)
}

@c @implementation
public func ie_result_message(_ result: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe ResultHandle.find(result)?.message?.pointer
}

@c @implementation
public func ie_result_index(_ result: OpaquePointer?) -> Int {
  unsafe ResultHandle.find(result)?.index ?? 0
}

@c @implementation
public func ie_result_count(_ result: OpaquePointer?) -> Int {
  unsafe ResultHandle.find(result)?.image?.embeddings.count ?? 0
}

@c @implementation
public func ie_result_vector(
  _ result: OpaquePointer?, _ head: Int, _ vector: UnsafeMutablePointer<ie_vector>?
) -> ie_status {
  unsafe vector?.pointee = ie_vector()
  guard let result = unsafe ResultHandle.find(result), let vector = unsafe vector else {
    return IE_INVALID_ARGUMENT
  }
  guard let embeddings = result.image?.embeddings, embeddings.indices.contains(head) else {
    return IE_OUT_OF_RANGE
  }
  unsafe vector.pointee = embeddings[head].featureVector.lent
  return IE_OK
}

@c @implementation
public func ie_result_width(_ result: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: ResultHandle.find(result)?.image?.width ?? 0)
}

@c @implementation
public func ie_result_height(_ result: OpaquePointer?) -> Int32 {
  unsafe Int32(clamping: ResultHandle.find(result)?.image?.height ?? 0)
}

@c @implementation
public func ie_result_warning(_ result: OpaquePointer?, _ index: Int) -> UnsafePointer<CChar>? {
  unsafe ResultHandle.find(result)?.warnings.pointer(at: index)
}

@c @implementation
public func ie_result_destroy(_ result: OpaquePointer?) {
  _ = unsafe ResultHandle.take(result)
}
