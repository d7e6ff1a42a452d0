import EmbedderEmbeddings
import Testing

@Suite("Feature vectors and results")
struct EmbeddingResultTests {
  @Test("give the numbers of the kind that a vector is of, and no others")
  func kinds() {
    let floats = FeatureVector.float([1, 2.5])
    let bytes = FeatureVector.quantized([1, -2, 3])
    #expect(floats.floats == [1, 2.5])
    #expect(floats.quantizedValues == nil)
    #expect(floats.count == 2)
    #expect(bytes.floats == nil)
    #expect(bytes.quantizedValues == [1, -2, 3])
    #expect(bytes.count == 3)
  }

  @Test("keep an embedding's parts, the name only where there is one")
  func parts() {
    let named = Embedding(featureVector: .float([1]), headIndex: 2, headName: "feature_vector")
    let nameless = Embedding(featureVector: .float([1]), headIndex: 2)
    #expect(named.headIndex == 2)
    #expect(named.headName == "feature_vector")
    #expect(nameless.headName == nil)
    #expect(named != nameless)
    #expect(
      EmbeddingResult(embeddings: [named, nameless], width: 3, height: 2).embeddings == [
        named, nameless,
      ])
  }
}
