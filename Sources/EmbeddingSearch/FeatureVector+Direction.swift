import EmbedderEmbeddings

extension FeatureVector {
  /// Whether the vector has a cosine to others that have one: the sum of its squares, as the cosine takes
  /// it, is neither zero nor beyond numbers.
  var hasDirection: Bool {
    switch self {
    case .quantized(let values):
      return values.contains { $0 != 0 }
    case .float(let values):
      var squares = 0.0
      for value in values { squares += Double(value * value) }
      return squares > 0 && squares < .infinity
    }
  }

  /// The cosine to another vector; both have a direction and the same number of components.
  ///
  /// Where only one is quantized, its components are taken as floats.
  func cosine(to other: FeatureVector) -> Double {
    switch (self, other) {
    case (.float, .quantized(let values)): cosine(to: .float(values.map { Float($0) }))
    case (.quantized(let values), .float):
      FeatureVector.float(values.map { Float($0) }).cosine(to: other)
    default: (try? cosineSimilarity(self, other)) ?? .nan
    }
  }
}
