import ArgumentParser
import ImageEmbedding

/// Measures what a model of open height and width costs when pictures differ in size.
@main
struct OpenSizesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "open-sizes",
    abstract: "Measures what a model of open size costs when pictures differ in size.",
    discussion: """
      one size: every picture has the same size. resized: four sizes in turn, with the one model that an \
      embedder keeps. one each: four sizes in turn, with an embedder, and so a compiled model, for each.
      """)

  @Argument(help: "A model of open height and width.")
  var model: String

  @Option(help: "The side of the pictures in pixels; the four sizes are up to one pixel smaller.")
  var side = 224

  @Option(help: "The mean, where the model has none.")
  var mean: Float = 127.5

  @Option(help: "The standard deviation, where the model has none.")
  var std: Float = 127.5

  @Option(help: "The rounds, in which the ways take turns.")
  var rounds = 50

  func run() throws {
    var options = ImageEmbedder.Options(model: ModelSource(model))
    options.normalization = try Normalization(mean: [mean], std: [std])
    let frames = try [(side, side), (side, side - 1), (side - 1, side), (side - 1, side - 1)].map {
      try FrameBuffer(
        bytes: (0..<$0.0 * $0.1 * 3).map { UInt8(truncatingIfNeeded: $0) }, width: $0.0,
        height: $0.1, format: .rgb)
    }
    let sameSize = try ImageEmbedder(options: options)
    let resized = try ImageEmbedder(options: options)
    let oneEach = try frames.map { _ in try ImageEmbedder(options: options) }
    let ways: [(name: String, run: (Int) throws -> Void)] = [
      ("one size", { _ in _ = try sameSize.embed(frames[0]) }),
      ("resized", { _ = try resized.embed(frames[$0]) }),
      ("one each", { _ = try oneEach[$0].embed(frames[$0]) }),
    ]
    var milliseconds = ways.map { _ in [Double]() }
    for round in 0...rounds {
      for frame in frames.indices {
        for (index, way) in ways.enumerated() {
          let start = ContinuousClock.now
          try way.run(frame)
          let taken = ContinuousClock.now - start
          // The first round is for nothing: models are made.
          if round > 0 { milliseconds[index].append(taken / .milliseconds(1)) }
        }
      }
    }
    for (way, times) in zip(ways, milliseconds) {
      let sorted = times.sorted()
      let hundredths = (sorted[sorted.count / 2] * 100).rounded() / 100
      print("\(way.name): \(hundredths) ms a picture, the median of \(sorted.count)")
    }
  }
}
