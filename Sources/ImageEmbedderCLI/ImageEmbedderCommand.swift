import ArgumentParser
import ImageEmbedding

@main
struct ImageEmbedderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image-embedder",
    abstract: "Turns images into feature vectors with a TFLite model, and compares them.",
    discussion: """
      EXAMPLES
        image-embedder similarity cat.jpg dog.png
        image-embedder embed *.jpg --output vectors.jsonl
        image-embedder embed photo.jpg --model my_model.tflite --l2-normalize
        image-embedder search embeddings/ photo.jpg
        image-embedder info my_model.tflite

      Without --model the built-in model efficientnet-lite0 is used.
      """,
    version: ImageEmbedder.version,
    subcommands: [
      SimilarityCommand.self, EmbedCommand.self, InfoCommand.self, BenchmarkCommand.self,
      SearchCommand.self, DuplicatesCommand.self, AnnotateCommand.self, VerifyCommand.self,
      WorkerCommand.self,
    ])

  static func main() {
    prepareProcess()
    do {
      var command = try parseAsRoot(SyncArgument.spelled(try PathArgument.programArguments()))
      try command.run()
    } catch {
      ProgramEnd.end(Self.self, error)
    }
  }
}
