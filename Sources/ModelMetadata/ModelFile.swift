/// What a TFLite file says before any runtime sees it: the tensors at its border and its metadata.
///
/// The bytes are untrusted; everything is read with checks that throw. Field numbers are those of the
/// TFLite schema (`schema.fbs`, version 3).
public struct ModelFile: Hashable, Sendable {
  /// The inputs of subgraph 0, in the model's order.
  public let inputs: [TensorDescription]

  /// The outputs of subgraph 0, in the model's order.
  public let outputs: [TensorDescription]

  /// The metadata, or `nil` where the model has none.
  public let metadata: TFLiteMetadata?

  /// Why no runtime should see the model, or `nil` where its parts agree with each other.
  public let structuralDefect: MetadataError?

  /// Reads the bytes of a whole model file.
  ///
  /// - Throws: ``MetadataError/notAModel(found:)`` for other kinds of file, the other cases for
  ///   damage.
  package init(reading bytes: RawSpan) throws(MetadataError) {
    let buffer = FlatBuffer(bytes)
    guard buffer.identifier == "TFL3" else {
      throw .notAModel(found: describeForeignBytes(bytes))
    }
    let model = try buffer.root("model")
    guard try model.tableCount(2) ?? 0 > 0 else {
      throw .missing(part: "subgraph")
    }
    let subgraph = try model.table(2, at: 0, "subgraph 0")
    inputs = try subgraph.borderTensors(1, "input")
    outputs = try subgraph.borderTensors(2, "output")
    metadata = try model.tfliteMetadata()
    structuralDefect = ModelVerifier.defect(of: model)
  }
}

extension FlatBufferTable {
  /// The most inputs or outputs that are read: several may name one tensor, each with a copy of it.
  private static let borderTensorLimit = 64

  /// Of a subgraph: the tensors that the index list in `field` names.
  fileprivate func borderTensors(
    _ field: Int, _ kind: String
  ) throws(MetadataError) -> [TensorDescription] {
    let tensorCount = try tableCount(0) ?? 0
    let indices = try scalars(field, of: Int32.self) ?? []
    guard indices.count <= Self.borderTensorLimit else {
      throw .tooManyEntries(
        part: "list of \(kind)s", count: indices.count, limit: Self.borderTensorLimit)
    }
    var result: [TensorDescription] = []
    for (number, index) in indices.enumerated() {
      guard (0..<tensorCount).contains(Int(index)) else {
        throw .indexOutOfRange(part: "\(kind) \(number)", index: Int(index), count: tensorCount)
      }
      result.append(try table(0, at: Int(index), "\(kind) tensor \(number)").tensorDescription())
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
  fileprivate func tfliteMetadata() throws(MetadataError) -> TFLiteMetadata? {
    for index in 0..<(try tableCount(6) ?? 0) {
      let entry = try table(6, at: index, "metadata entry \(index)")
      // Many entries may share one name, so a long one is not even read.
      guard
        try entry.vector(0, stride: 1, limit: .max)?.count == TFLiteMetadata.entryName.utf8.count,
        try entry.string(0) == TFLiteMetadata.entryName
      else { continue }
      let number = Int(try entry.scalar(1, as: UInt32.self) ?? 0)
      let holder = try table(4, at: number, "metadata buffer")
      if let bytes = try holder.bytes(0) {
        return try TFLiteMetadata(reading: bytes)
      }
      // Large models keep buffers behind the FlatBuffer and note where.
      if let offset = try holder.scalar(1, as: UInt64.self), offset > 1 {
        let size = try holder.scalar(2, as: UInt64.self) ?? 0
        let start = Int(clamping: offset)
        let count = Int(clamping: size)
        try buffer.check(start, count, "metadata buffer")
        return try TFLiteMetadata(reading: buffer.bytes.extracting(start..<start + count))
      }
      return try TFLiteMetadata(reading: RawSpan())
    }
    return nil
  }
}

/// A word for bytes that are no model, so that a mixed-up argument is recognised at once.
private func describeForeignBytes(_ bytes: RawSpan) -> String {
  let start = (0..<min(8, bytes.byteCount)).map {
    unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self)
  }
  let kinds: [(start: [UInt8], name: String)] = [
    ([0x89, 0x50, 0x4e, 0x47], "a PNG image"),
    ([0xff, 0xd8, 0xff], "a JPEG image"),
    (
      [0x50, 0x4b, 0x03, 0x04], "a ZIP archive (a TensorFlow or MediaPipe bundle may hold a model)"
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
