/// A way to run a model that its maker gave a name.
public struct ModelSignature: Hashable, Sendable {
  /// The name, such as `serving_default`.
  public let name: String

  /// The tensors that go in, by the names that the signature gives them.
  public let inputs: [NamedTensor]

  /// The tensors that come out, likewise.
  public let outputs: [NamedTensor]

  /// A tensor under the name that a signature gives it.
  public struct NamedTensor: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The tensor.
    public let tensor: TensorDescription
  }
}

extension FlatBufferTable {
  /// Of a model: its signatures.
  ///
  /// One whose parts cannot be read is listed without tensors, since another
  /// may be the one that is run.
  func signatures() throws(MetadataError) -> [ModelSignature] {
    var result: [ModelSignature] = []
    for index in 0..<min(try tableCount(7) ?? 0, MainGraph.signatureLimit) {
      let part = "signature \(index)"
      let signature = try table(7, at: index, part)
      let name = try signature.string(2) ?? ""
      do throws(MetadataError) {
        let number = Int(try signature.scalar(4, as: UInt32.self) ?? 0)
        let subgraph = try table(2, at: number, "subgraph \(number)")
        result.append(
          ModelSignature(
            name: name, inputs: try subgraph.namedTensors(signature.tensorMap(0, part)),
            outputs: try subgraph.namedTensors(signature.tensorMap(1, part))))
      } catch {
        result.append(ModelSignature(name: name, inputs: [], outputs: []))
      }
    }
    return result
  }

  /// Of a subgraph: the tensors of a signature.
  private func namedTensors(
    _ map: [(name: String, tensor: Int)]
  ) throws(MetadataError) -> [ModelSignature.NamedTensor] {
    let tensors = try tensorDescriptions(map.map(\.tensor), "named")
    return zip(map, tensors).map { ModelSignature.NamedTensor(name: $0.name, tensor: $1) }
  }
}
