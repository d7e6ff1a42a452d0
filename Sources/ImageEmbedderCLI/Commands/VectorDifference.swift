import ImageEmbedding

/// By how much the vectors of one accelerator differ from those of another for the same pictures.
struct VectorDifference {
  /// The largest difference of a component, as a part of the largest component of its vector.
  private(set) var largest = 0.0
  /// The least cosine of two vectors, where they have directions.
  private(set) var leastCosine: Double?

  /// Vectors that are nowhere apart.
  init() {}

  /// Compares the vectors of a picture.
  init(of embeddings: [Embedding], from expected: [Embedding]) {
    add(embeddings, from: expected)
  }

  /// Takes the vectors of another picture in.
  mutating func add(_ embeddings: [Embedding], from expected: [Embedding]) {
    guard embeddings.count == expected.count else {
      largest = .infinity
      return
    }
    for (embedding, right) in zip(embeddings, expected) {
      largest = max(
        largest,
        Self.difference(embedding.featureVector.components, right.featureVector.components))
      let cosine = try? ImageEmbedder.cosineSimilarity(
        embedding.featureVector, right.featureVector)
      if let cosine, cosine.isFinite { leastCosine = min(leastCosine ?? cosine, cosine) }
    }
  }

  private static func difference(_ values: [Double], _ expected: [Double]) -> Double {
    guard values.count == expected.count else { return .infinity }
    let scale = expected.reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    var difference = 0.0
    for (value, right) in zip(values, expected) {
      // What is no number is no number in both, or there is no telling by how much they differ.
      if value == right || (value.isNaN && right.isNaN) { continue }
      let distance = (value - right).magnitude
      difference = max(difference, distance.isNaN ? .infinity : distance)
    }
    return difference == 0 ? 0 : difference / scale
  }

  // MARK: Output

  /// The difference for people; one digit more than there is to say.
  var text: String { largest == 0 ? "0" : scientific(largest, decimals: 1) }

  /// Members of a JSON object.
  var members: [(String, JSONValue)] {
    [("largest_difference", .number(largest))]
      + (leastCosine.map { [("least_cosine", .number($0))] } ?? [])
  }
}

extension FeatureVector {
  /// The components as numbers, whatever they are stored as.
  fileprivate var components: [Double] {
    floats.map { $0.map(Double.init) } ?? quantizedValues.map { $0.map(Double.init) } ?? []
  }
}
