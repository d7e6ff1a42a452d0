extension MetadataChanges {
  /// Metadata readers take no longer strings, ours among them.
  private static let textLimit = FlatBufferTable.stringLimit

  /// Throws unless the changes can be made to a model.
  func check(for file: ModelFile) throws(AnnotationError) {
    guard !isEmpty else { throw .nothing }
    try checkTexts()
    guard file.inputs.count == 1 else { throw .inputCount(file.inputs.count) }
    if let described = file.metadata?.inputs, described.count > 1 {
      throw .describedInputCount(described.count)
    }
    switch file.metadata?.inputs?.first?.content ?? .none {
    case .none, .image(.rgb), .image(.unknown): break
    case let content: throw .inputIsNotAnImage(content)
    }
    let type = file.inputs[0].elementType
    guard normalization == nil || type == .float32 || type == .int8 else {
      throw .needlessNormalization(type)
    }
    guard let headNames else { return }
    guard headNames.count == file.outputs.count else {
      throw .headCount(found: headNames.count, needed: file.outputs.count)
    }
    let described = file.metadata?.outputs.count ?? 0
    guard described == 0 || described == file.outputs.count else {
      throw .describedHeadCount(found: described, needed: file.outputs.count)
    }
  }

  private func checkTexts() throws(AnnotationError) {
    let names = (headNames ?? []).enumerated().map { ("name of head \($0)", $1) }
    for (name, text) in Text.allCases.compactMap({ text in texts[text].map { (text.rawValue, $0) } }
    )
      + names
    {
      if text.utf8.count > Self.textLimit {
        throw .text(
          name: name, found: "\(text.utf8.count) bytes long",
          needed: "a text of at most \(Self.textLimit)")
      }
      if text.utf8.contains(0) {
        throw .text(name: name, found: "a text with a NUL", needed: "one without")
      }
    }
    for (name, text) in names where text.isEmpty {
      throw .text(name: name, found: "empty", needed: "a name")
    }
  }
}
