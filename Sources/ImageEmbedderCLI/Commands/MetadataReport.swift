import ImageEmbedding

/// What `info` says of a model's metadata: what is missing, and how it is added.
struct MetadataReport {
  /// What a model's author can say and this one's did not, in the words of `annotate`.
  let missing: [String]

  /// The command that adds a normalization, where one is needed and missing.
  let command: String?

  /// Whether a normalization is missing where `annotate` writes none: in the graph of a later signature.
  let isOfOtherGraph: Bool

  init(of info: ModelInfo) {
    let metadata = info.file.metadata
    let input = metadata?.inputs?.first
    let isNormalized = [.float32, .int8].contains(info.file.inputs.first?.elementType)
    let lacksNormalization = isNormalized && input?.normalizations.isEmpty ?? true
    var missing = lacksNormalization ? ["normalization"] : []
    let texts = [
      ("name", metadata?.name), ("description", metadata?.description),
      ("version", metadata?.version), ("author", metadata?.author),
      ("license", metadata?.license),
    ]
    missing += texts.compactMap { name, text in text == nil ? name : nil }
    if info.file.outputs.indices.contains(where: { info.file.statedOutputName($0) == nil }) {
      missing.append("head names")
    }
    self.missing = missing
    isOfOtherGraph = lacksNormalization && !info.file.isAnnotatedGraph
    guard lacksNormalization, info.file.isAnnotatedGraph, info.file.inputs.count == 1 else {
      command = nil
      return
    }
    // What the model was trained with is not known; these are the commonest.
    let mean = info.normalization?.mean ?? [127.5]
    let std = info.normalization?.std ?? [127.5]
    let path = info.source.description
    let file = info.bundleMember ?? path
    let name = file.split(separator: "/").last.map(String.init) ?? file
    let stem = name.hasSuffix(".tflite") ? String(name.dropLast(7)) : name
    command =
      "image-embedder annotate \(shellWord(path)) \(shellWord(stem + "-annotated.tflite"))"
      + " --mean \(list(mean)) --std \(list(std))"
  }

  /// What has to be known before the command is run.
  static let advice =
    "to add a normalization, with the numbers that the model was trained with (127.5 and 127.5 for inputs"
    + " from -1 to 1, 0 and 255 for 0 to 1):"

  /// What is to be done where no command helps.
  static let adviceOnOtherGraphs =
    "annotate describes the graph of the first signature only: this one needs --mean and --std"
}

/// Numbers as `--mean` takes them.
private func list(_ values: [Float]) -> String {
  func text(_ value: Float) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
  return (Set(values).count == 1 ? [values[0]] : values).map(text).joined(separator: ",")
}

/// The name of a file as a shell takes it, and the program after it.
private func shellWord(_ name: String) -> String {
  let text = name.hasPrefix("-") ? "./" + name : name
  let isPlain = text.utf8.allSatisfy {
    (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
      || [0x2d, 0x2e, 0x2f, 0x5f].contains($0)
  }
  if isPlain, !text.isEmpty { return text }
  return "'" + text.replacing("'", with: #"'\''"#) + "'"
}
