import ArgumentParser
import Foundation
import ImageEmbedding
import Photographs

/// Measures what the embedder costs above the runtime.
@main
struct OverheadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overhead",
    abstract: "Measures what the embedder costs above the runtime.",
    discussion: """
      For both built-in models, one thread: the embedding of a decoded 500 x 375 RGB frame beside \
      the runtime's bare run of the same model on the same input, in turns. Then what a frame of 12 \
      megapixels costs more, beside converting the whole frame by libyuv.
      """)

  @Option(help: "How often embedder and bare model are made anew; where memory falls is chance.")
  var instances = 5

  @Option(help: "The rounds that count, of each instance.")
  var rounds = 100

  @Option(help: "The rounds before them.")
  var warmUp = 20

  @Flag(help: "Measure processor time, which is steadier on a busy machine, not the wall clock.")
  var processorTime = false

  @Option(help: "The overhead in percent above which the exit status is 1; none by default.")
  var limit: Double?

  func validate() throws {
    guard instances > 0, rounds > 0, warmUp >= 0 else {
      throw ValidationError(
        "--instances and --rounds must be at least 1, --warm-up at least 0.")
    }
  }

  func run() throws {
    let small = try Picture.small()
    let large = try Picture.large()
    let clock = processorTime ? "processor time" : "wall clock"
    var isAboveLimit = false
    for model in BuiltInModel.allCases {
      var timings = Timings()
      for _ in 0..<instances {
        let embedder = try ImageEmbedder(options: .init(model: .builtIn(model)))
        let baseline = try Baseline(model, info: embedder.modelInfo)
        try checkSameNumbers(embedder, baseline, small)
        try timings.measure(
          embedder, baseline, small, large, rounds: rounds, warmUp: warmUp,
          clock: Clock(isProcessorTime: processorTime))
      }
      print("\(model.rawValue), one thread, \(instances) x \(rounds) rounds, \(clock)")
      timings.report()
      if let limit, timings.overhead.median > limit { isAboveLimit = true }
    }
    if isAboveLimit {
      print("the overhead is above the limit")
      throw ExitCode.failure
    }
  }

  /// Throws unless both sides compute the same, so that the same is timed.
  private func checkSameNumbers(
    _ embedder: ImageEmbedder, _ baseline: Baseline, _ picture: Picture
  ) throws {
    try baseline.preprocess(picture)
    try baseline.run()
    let vector = try embedder.embed(picture.frame()).embeddings[0].featureVector.floats
    guard vector == baseline.featureVector else {
      throw BaselineError(function: "the comparison of its feature vector with the embedder's")
    }
  }
}
