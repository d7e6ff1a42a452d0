import ArgumentParser
import BatchEmbedding
import ImageEmbedding

struct SimilarityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similarity",
    abstract: "Prints how alike two images are: the cosine of their feature vectors.",
    discussion: """
      1 means the same direction, 0 nothing in common. Of a model with several
      outputs the first is compared.

      EXAMPLES
        image-embedder similarity left.jpg right.jpg
        image-embedder similarity a.jpg b.jpg --model efficientnet-lite0-int8 --json
      """)

  @Argument(help: "The first image.")
  var first: PathArgument

  @Argument(help: "The second image.")
  var second: PathArgument

  @Flag(help: "Print a JSON object.")
  var json = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads of one inference, 1 to the number of cores.", valueName: "N"))
  var threads = 1

  @OptionGroup
  var embedding: EmbeddingArguments

  func validate() throws {
    try validate(threads: threads)
  }

  func run() throws {
    let similarity: Double
    do throws(EmbedderError) {
      let embedder = try embedding.makeEmbedder(threadCount: threads)
      let u = try embed(first, with: embedder)
      let v = try embed(second, with: embedder)
      similarity = try ImageEmbedder.cosineSimilarity(
        u.embeddings[0].featureVector, v.embeddings[0].featureVector)
    } catch {
      throw Failure(loadingModel: error)
    }
    let output = OutputStream.standardOutput
    let defect = similarity.isNaN ? Self.withoutSimilarity : nil
    if json {
      var members: [(String, JSONValue)] = [
        ("first", .string(first.path.description)), ("second", .string(second.path.description)),
        ("model", .string(embedding.model.nameOrPath.path.description)),
        ("cosine_similarity", .number(similarity)),
      ]
      members += embedding.model.runtime.computation.members
      if let defect { members.append(("warnings", .array([.string(defect)]))) }
      try output.write("\(JSONValue.object(members))\n")
    } else if let defect {
      throw Failure(defect)
    } else {
      try output.write("Cosine similarity: \(fixed(similarity, decimals: 6))\n")
    }
    try output.finish()
  }
  private static let withoutSimilarity =
    "the feature vectors have no cosine similarity, since components are NaN, infinite or too large to"
    + " be multiplied; use a model whose output is finite"

  private func embed(
    _ input: PathArgument, with embedder: ImageEmbedder
  ) throws(EmbedderError) -> EmbeddingResult {
    let content: ImageSource.Content =
      if let frame = embedding.rawFrame { .rawFile(input.path, frame) } else { .file(input.path) }
    return try embedder.embed(ImageSource(content, region: embedding.region))
  }
}
