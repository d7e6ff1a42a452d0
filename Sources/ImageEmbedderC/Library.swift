// The header documents and names these functions.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

public import CImageEmbedder
import EmbedderPlatform
import ImageEmbedding

private let version = CText(ImageEmbedder.version)
private let statusNames = StatusCode.allCases.map { CText($0.name) }
private let modelNames = BuiltInModel.allCases.map { CText($0.rawValue) }

@c @implementation
public func ie_version() -> UnsafePointer<CChar>? {
  unsafe version.pointer
}

@c @implementation
public func ie_status_name(_ status: ie_status) -> UnsafePointer<CChar>? {
  let known = StatusCode(rawValue: Int32(truncatingIfNeeded: status.rawValue))
  return unsafe statusNames.pointer(at: Int((known ?? .unknown).rawValue))
}

@c @implementation
public func ie_string_free(_ string: UnsafeMutablePointer<CChar>?) {
  unsafe free(string)
}

@c @implementation
public func ie_built_in_model_name(_ index: Int) -> UnsafePointer<CChar>? {
  unsafe modelNames.pointer(at: index)
}
