/// What a TFLite file says before any runtime sees it: the tensors at its border and its metadata.
///
/// The bytes are untrusted; everything is read with checks that throw. Field numbers are those of the
/// TFLite schema (`schema.fbs`, version 3).
public struct ModelFile: Hashable, Sendable {
  /// The inputs of the graph that the chosen or first signature runs, or else subgraph 0, in the graph's
  /// order.
  public let inputs: [TensorDescription]

  /// The outputs of that graph, in its order; where signatures share a graph, those that the signature
  /// names.
  public let outputs: [TensorDescription]

  /// The signatures of the model, in its order; the first 64.
  public let signatures: [ModelSignature]

  /// The metadata of that graph, or `nil` where the model has none.
  public internal(set) var metadata: TFLiteMetadata?

  /// Why no runtime should see the model, or `nil` where its parts agree with each other.
  public let structuralDefect: MetadataError?

  /// Which graph is run.
  let graph: MainGraph

  /// Whether the runtime may not write outputs where it is told to: the shape of something in that graph
  /// is known only when it runs, or an output is an input.
  package let outputsNeedCopies: Bool

  /// The operators of that graph that give what only the run tells the shape of, which not every accelerator
  /// runs: `operator 5 (reshape)`.
  package let shapeOperators: [String]

  /// What that graph rounds to on its way, by which engines differ.
  package let rounding: Rounding

  /// The names of the operators beyond the schema's, which the runtime may not have.
  package let customOperators: [String]

  /// Whether the graph that is run is the one that `annotated` describes.
  package let isAnnotatedGraph: Bool

  /// For each output, the first one that is the same tensor.
  package var firstOutputsOfTensors: [Int] {
    graph.outputs.map { tensor in graph.outputs.firstIndex(of: tensor) ?? 0 }
  }

  /// The name of an output: what the metadata call it, else the signature.
  package func outputName(_ index: Int) -> String? {
    statedOutputName(index) ?? graph.outputNames[index]
  }

  /// What the metadata call an output.
  package func statedOutputName(_ index: Int) -> String? {
    let stated = metadata?.outputs ?? []
    let place = graph.outputPlaces[index]
    return stated.indices.contains(place) ? stated[place].name : nil
  }

  /// What stands at offset 4 of every TFLite file.
  static let identifier = "TFL3"

  /// Reads the bytes of a whole model file.
  ///
  /// - Parameters:
  ///   - bytes: The bytes.
  ///   - signature: The signature to run, or `nil` for the first.
  /// - Throws: ``MetadataError/notAModel(found:)`` for other kinds of file,
  ///   ``MetadataError/noSuchSignature(name:available:)``, the other cases for damage.
  package init(
    reading bytes: RawSpan, signature: String? = nil
  ) throws(MetadataError) {
    let buffer = FlatBuffer(bytes)
    guard buffer.identifier == Self.identifier else {
      throw .notAModel(found: describeForeignBytes(bytes))
    }
    let model = try buffer.root("model")
    graph = try MainGraph(of: model, signature: signature)
    signatures = try model.signatures()
    let subgraph = try model.table(2, at: graph.subgraph, "subgraph \(graph.subgraph)")
    inputs = try subgraph.tensorDescriptions(graph.inputs, "input")
    outputs = try subgraph.tensorDescriptions(graph.outputs, "output")
    // What describes one graph is taken for the one that runs, unless another was asked for.
    let first = signature == nil ? graph : try MainGraph(of: model)
    let isOther = graph.subgraph != 0 && graph.subgraph != first.subgraph
    metadata = try model.tfliteMetadata(ofSubgraph: isOther ? graph.subgraph : 0)
    isAnnotatedGraph = !isOther
    let verdict = ModelVerifier.verdict(on: model, graph)
    structuralDefect = verdict.defect
    outputsNeedCopies = verdict.outputsNeedCopies
    shapeOperators = verdict.shapeOperators
    rounding = verdict.rounding
    customOperators = verdict.customOperators
  }
}

extension FlatBufferTable {
  /// Of a subgraph: the tensors of these numbers.
  func tensorDescriptions(
    _ numbers: [Int], _ kind: String
  ) throws(MetadataError) -> [TensorDescription] {
    var result: [TensorDescription] = []
    for (place, number) in numbers.enumerated() {
      result.append(try table(0, at: number, "\(kind) tensor \(place)").tensorDescription())
    }
    return result
  }

  private func tensorDescription() throws(MetadataError) -> TensorDescription {
    let typeNumber = try scalar(1, as: Int8.self) ?? 0
    guard let elementType = ElementType(rawValue: typeNumber) else {
      throw .indexOutOfRange(
        part: "\(name), element type", index: Int(typeNumber), count: ElementType.allCases.count)
    }
    var quantization: Quantization?
    if let parameters = try table(4, "quantization of \(name)") {
      let scales = try parameters.scalars(2, of: Float.self) ?? []
      let zeroPoints = try parameters.scalars(3, of: Int64.self) ?? []
      if scales.count == 1, zeroPoints.count <= 1 {
        quantization = Quantization(scale: scales[0], zeroPoint: zeroPoints.first ?? 0)
      }
    }
    return TensorDescription(
      name: try string(3) ?? "", elementType: elementType,
      shape: (try scalars(0, of: Int32.self) ?? []).map(Int.init),
      shapeSignature: (try scalars(7, of: Int32.self) ?? []).map(Int.init),
      quantization: quantization)
  }

  /// Of a model: its TFLite metadata, the first of that name.
  fileprivate func tfliteMetadata(
    ofSubgraph subgraph: Int
  ) throws(MetadataError) -> TFLiteMetadata? {
    guard let index = try metadataIndex() else { return nil }
    return try TFLiteMetadata(reading: metadataBytes(at: index), ofSubgraph: subgraph)
  }
}

/// A word for bytes that are no model, so that a mixed-up argument is recognised at once.
private func describeForeignBytes(_ bytes: RawSpan) -> String {
  // Bundles of MediaPipe begin with zeros.
  var first = 0
  while first < min(bytes.byteCount, 1 << 16),
    unsafe bytes.unsafeLoad(fromByteOffset: first, as: UInt8.self) == 0
  {
    first += 1
  }
  let start = (first..<min(first + 8, bytes.byteCount)).map {
    unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
  }
  let kinds: [(start: [UInt8], name: String)] = [
    ([0x89, 0x50, 0x4e, 0x47], "a PNG image"),
    ([0xff, 0xd8, 0xff], "a JPEG image"),
    (
      [0x50, 0x4b, 0x03, 0x04],
      "a ZIP archive (a TensorFlow or MediaPipe bundle may hold a model: unpack it)"
    ),
    ([0x1f, 0x8b], "gzip-compressed data (unpack it first)"),
    (Array("version ".utf8), "a Git LFS pointer (fetch the real file)"),
    ([0x3c], "an HTML or XML page (perhaps a failed download)"),
  ]
  for kind in kinds where start.starts(with: kind.start) {
    return kind.name
  }
  return bytes.byteCount < 8
    ? "only \(bytes.byteCount) bytes" : "something without the identifier TFL3"
}
