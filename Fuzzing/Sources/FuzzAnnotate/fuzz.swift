import ImageEmbedding

/// Copies of models with other metadata: any bytes are refused, or the copy reads as the model does but for
/// what was to be said.
///
/// The first byte says what that is; the model follows.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  guard let choice = bytes.first else { return 0 }
  let model = Array(bytes.dropFirst())
  var annotations = ModelAnnotations()
  annotations.name = "name"
  if choice & 1 != 0 {
    let mean: [Float] = choice & 2 != 0 ? [1, 2, 3] : [1]
    annotations.normalization = try? Normalization(mean: mean, std: mean)
  }
  if choice & 4 != 0 { annotations.license = choice & 8 != 0 ? "" : "licence" }
  if choice & 16 != 0 {
    annotations.headNames = Array(repeating: "head", count: Int(choice >> 5) + 1)
  }
  do {
    let copy = try ImageEmbedder.annotated(.bytes(model), with: annotations)
    #if PLANTED_DEFECT
    if annotations.normalization != nil { fatalError("planted") }
    #endif
    let old = try ModelInfo(of: .init(model: .bytes(model))).file
    let new = try ModelInfo(of: .init(model: .bytes(copy))).file
    precondition(old.inputs == new.inputs && old.outputs == new.outputs)
    precondition(new.structuralDefect == nil && new.metadata?.name == "name")
    if let names = annotations.headNames {
      precondition(new.metadata?.outputs.compactMap(\.name) == names)
    }
    if let normalization = annotations.normalization {
      let unit = new.metadata?.inputs?.first?.normalizations.first
      precondition(unit.map { $0.mean.count == 1 ? [1, 1, 1] : $0.mean } == normalization.mean)
    }
    precondition(new.metadata?.associatedFiles ?? [] == old.metadata?.associatedFiles ?? [])
    // The model itself is in the copy, moved by a multiple of 64, with an archive's offsets moved too.
    precondition(copy.count > model.count && (copy.count - model.count) % 64 == 0)
  } catch {
    precondition(!"\(error)".isEmpty)
    if case .annotation(_, .notReadBack) = error { preconditionFailure("not read back") }
  }
  return 0
}
