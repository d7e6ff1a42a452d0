import Foundation
import ImageEmbedding
import Photographs

/// Seconds, round by round, of one model's measurements.
struct Timings {
  // In turns with each other:
  private var embedSmall: [Double] = []
  private var bareRun: [Double] = []
  // And these:
  private var embedLarge: [Double] = []
  private var embedSmallBesideLarge: [Double] = []
  private var plainLarge: [Double] = []
  private var plainSmall: [Double] = []

  /// Measures one embedder and one bare model.
  mutating func measure(
    _ embedder: ImageEmbedder, _ baseline: Baseline, _ small: Picture, _ large: Picture,
    rounds: Int, warmUp: Int, clock: Clock
  ) throws {
    let (smallFrame, largeFrame) = (try small.frame(), try large.frame())
    let first = try clock.measureInTurns(
      rounds: rounds, warmUp: warmUp,
      [
        { _ = try embedder.embed(smallFrame) },
        { try baseline.run() },
      ])
    embedSmall += first[0]
    bareRun += first[1]

    let second = try clock.measureInTurns(
      rounds: rounds, warmUp: warmUp,
      [
        { _ = try embedder.embed(largeFrame) },
        { _ = try embedder.embed(smallFrame) },
        { try baseline.preprocess(large) },
        { try baseline.preprocess(small) },
      ])
    embedLarge += second[0]
    embedSmallBesideLarge += second[1]
    plainLarge += second[2]
    plainSmall += second[3]
  }

  /// What an embedding costs above the bare run, in percent of that.
  var overhead: Samples {
    Samples(zip(embedSmall, bareRun).map { 100 * ($0 / $1 - 1) })
  }

  /// Prints medians and quartiles.
  func report() {
    print("embedding of 500 x 375", milliseconds(embedSmall), "ms")
    print("bare run", milliseconds(bareRun), "ms")
    print("overhead", overhead, "%")
    print(
      "12 megapixels cost more", milliseconds(zip(embedLarge, embedSmallBesideLarge).map(-)), "ms")
    print(
      "... if all is converted", milliseconds(zip(plainLarge, plainSmall).map(-)), "ms")
  }

  private func milliseconds(_ seconds: [Double]) -> Samples {
    Samples(seconds.map { $0 * 1e3 })
  }

  private func print(_ name: String, _ samples: Samples, _ unit: String) {
    let label = name.padding(toLength: 26, withPad: " ", startingAt: 0)
    Swift.print(
      String(
        format: "  %@%7.3f %@   quartiles %.3f to %.3f", label, samples.median, unit,
        samples.lowerQuartile, samples.upperQuartile))
  }
}
