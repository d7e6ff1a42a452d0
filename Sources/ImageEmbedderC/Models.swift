// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import ImageEmbedding

extension ElementType {
  fileprivate var lent: ie_element_type {
    ie_element_type(rawValue: ie_element_type.RawValue(truncatingIfNeeded: rawValue))
  }
}

@c @implementation
public func ie_embedder_head_count(_ embedder: OpaquePointer?) -> Int {
  unsafe EmbedderHandle.find(embedder)?.embedder.heads.count ?? 0
}

@c @implementation
public func ie_embedder_head_name(
  _ embedder: OpaquePointer?, _ head: Int
) -> UnsafePointer<CChar>? {
  guard let names = unsafe EmbedderHandle.find(embedder)?.headNames else { return nil }
  return unsafe names.indices.contains(head) ? names[head]?.pointer : nil
}

@c @implementation
public func ie_embedder_head_dimension(_ embedder: OpaquePointer?, _ head: Int) -> Int64 {
  unsafe EmbedderHandle.find(embedder)?.embedder.embeddingDimension(of: head).map(Int64.init) ?? -1
}

@c @implementation
public func ie_embedder_head_type(
  _ embedder: OpaquePointer?, _ head: Int, _ type: UnsafeMutablePointer<ie_element_type>?
) -> ie_status {
  guard let embedder = unsafe EmbedderHandle.find(embedder)?.embedder, let type = unsafe type else {
    return IE_INVALID_ARGUMENT
  }
  guard embedder.heads.indices.contains(head) else { return IE_OUT_OF_RANGE }
  unsafe type.pointee = embedder.heads[head].elementType.lent
  return IE_OK
}

@c @implementation
public func ie_embedder_input(
  _ embedder: OpaquePointer?, _ width: UnsafeMutablePointer<Int32>?,
  _ height: UnsafeMutablePointer<Int32>?, _ type: UnsafeMutablePointer<ie_element_type>?
) -> ie_status {
  guard let embedder = unsafe EmbedderHandle.find(embedder)?.embedder else {
    return IE_INVALID_ARGUMENT
  }
  let input = embedder.modelInfo.file.inputs[0]
  unsafe height?.pointee = input.isDynamic(axis: 1) ? -1 : Int32(clamping: input.shape[1])
  unsafe width?.pointee = input.isDynamic(axis: 2) ? -1 : Int32(clamping: input.shape[2])
  unsafe type?.pointee = input.elementType.lent
  return IE_OK
}

@c @implementation
public func ie_embedder_normalization(
  _ embedder: OpaquePointer?, _ mean: UnsafeMutablePointer<Float>?,
  _ std: UnsafeMutablePointer<Float>?
) -> ie_status {
  guard let info = unsafe EmbedderHandle.find(embedder)?.embedder.modelInfo,
    let mean = unsafe mean, let std = unsafe std
  else { return IE_INVALID_ARGUMENT }
  guard let normalization = info.normalization, info.file.inputs[0].elementType != .uint8 else {
    return IE_NOT_FOUND
  }
  for channel in 0..<3 {
    unsafe mean[channel] = normalization.mean[channel]
    unsafe std[channel] = normalization.std[channel]
  }
  return IE_OK
}

@c @implementation
public func ie_embedder_metadata(
  _ embedder: OpaquePointer?, _ key: ie_metadata
) -> UnsafePointer<CChar>? {
  guard let texts = unsafe EmbedderHandle.find(embedder)?.metadataTexts else { return nil }
  let index = Int(key.rawValue)
  return unsafe texts.indices.contains(index) ? texts[index]?.pointer : nil
}

@c @implementation
public func ie_embedder_model_name(_ embedder: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe EmbedderHandle.find(embedder)?.modelName.pointer
}

@c @implementation
public func ie_embedder_model_byte_count(_ embedder: OpaquePointer?) -> Int {
  unsafe EmbedderHandle.find(embedder)?.embedder.modelInfo.byteCount ?? 0
}

@c @implementation
public func ie_embedder_fingerprint(_ embedder: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe EmbedderHandle.find(embedder)?.fingerprintText.pointer
}

@c @implementation
public func ie_embedder_model_digest(_ embedder: OpaquePointer?) -> UnsafePointer<CChar>? {
  unsafe EmbedderHandle.find(embedder)?.digestText.pointer
}
