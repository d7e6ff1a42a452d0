/// What is to be written into the metadata of a model; what is `nil` stays as it is.
package struct MetadataChanges: Hashable, Sendable {
  /// The texts of a model, by what they are called.
  package enum Text: String, CaseIterable, Sendable {
    case name, description, version, author, license
  }

  /// The texts to write; one that is empty takes the model's away.
  package var texts: [Text: String] = [:]
  /// How pixels are normalized: one value for all channels, or three.
  package var normalization: NormalizationUnit?
  /// The names of the outputs, one for each.
  package var headNames: [String]?

  /// Makes changes that change nothing.
  package init() {}

  /// Whether there is nothing to write.
  package var isEmpty: Bool { self == MetadataChanges() }
}

extension TFLiteMetadata {
  /// The metadata as they read when the changes are written.
  ///
  /// - Parameters:
  ///   - old: What the model has, or `nil` where it has none.
  ///   - changes: What is written.
  ///   - minimumParserVersion: The version that is stated.
  init(_ old: TFLiteMetadata?, with changes: MetadataChanges, minimumParserVersion: String) {
    self = old ?? TFLiteMetadata()
    for (text, value) in changes.texts {
      let value = value.isEmpty ? nil : value
      switch text {
      case .name: name = value
      case .description: description = value
      case .version: version = value
      case .author: author = value
      case .license: license = value
      }
    }
    self.minimumParserVersion = minimumParserVersion
    var input = inputs?.first ?? TensorMetadata()
    input.content = .image(.rgb)
    if let normalization = changes.normalization { input.normalizations = [normalization] }
    inputs = [input]
    guard let names = changes.headNames else { return }
    for (index, name) in names.enumerated() {
      if !outputs.indices.contains(index) { outputs.append(TensorMetadata()) }
      outputs[index].name = name
    }
  }
}
