import Benchmark
import Foundation
import ImageEmbedding
import Photographs

let benchmarks: @Sendable () -> Void = {
  benchmarkDecoding()
  benchmarkEmbedding()
  benchmarkSimilarity()
}

private func benchmarkDecoding() {
  for (image, name) in [
    ("JPEG 640x427", "rocket.jpg"), ("JPEG 1411x1411", "retina.jpg"),
    ("PNG 600x400", "coffee.png"), ("PNG 741x500", "motorcycle_left.png"),
  ] {
    Benchmark("decode \(image)", configuration: .milliseconds) { benchmark, bytes in
      for _ in benchmark.scaledIterations {
        blackHole(try unsafe ImageFile.decode(bytes.span.bytes))
      }
    } setup: {
      try Photographs.bytes(name)
    }
  }
}

private func benchmarkEmbedding() {
  for model in BuiltInModel.allCases {
    Benchmark("review \(model.rawValue)", configuration: .milliseconds) { benchmark in
      for _ in benchmark.scaledIterations {
        blackHole(try ModelInfo(of: .init(model: .builtIn(model))))
      }
    }
    Benchmark("create \(model.rawValue)", configuration: .milliseconds) { benchmark in
      for _ in benchmark.scaledIterations {
        blackHole(try ImageEmbedder(options: .init(model: .builtIn(model))))
      }
    }
    for (size, makePicture) in [("500x375", Picture.small), ("4000x3000", Picture.large)] {
      Benchmark("embed \(size) \(model.rawValue)", configuration: .milliseconds) {
        benchmark, prepared in
        for _ in benchmark.scaledIterations {
          blackHole(try prepared.embedder.embed(prepared.frame))
        }
      } setup: {
        (
          embedder: try ImageEmbedder(options: .init(model: .builtIn(model))),
          frame: try makePicture().frame()
        )
      }
    }
  }
}

private func benchmarkSimilarity() {
  for (kind, quantize) in [("float", false), ("int8", true)] {
    Benchmark("cosine similarity 1280 \(kind)", configuration: .microseconds) {
      benchmark, vectors in
      for _ in benchmark.scaledIterations {
        blackHole(try ImageEmbedder.cosineSimilarity(vectors[0], vectors[1]))
      }
    } setup: {
      try featureVectors(quantize: quantize)
    }
  }
}

/// The feature vectors of two photographs.
private func featureVectors(quantize: Bool) throws -> [FeatureVector] {
  var options = ImageEmbedder.Options()
  options.l2Normalize = true
  options.quantize = quantize
  let embedder = try ImageEmbedder(options: options)
  return try ["coffee.png", "chelsea.png"].map { name in
    try embedder.embed(contentsOf: Photographs.path(name)).embeddings[0].featureVector
  }
}

extension Benchmark.Configuration {
  /// For what takes milliseconds: one call is a sample.
  fileprivate static var milliseconds: Self { measuring(.one, in: .microseconds) }

  /// For what takes microseconds: a thousand calls are a sample, shown divided by a thousand.
  fileprivate static var microseconds: Self { measuring(.kilo, in: .nanoseconds) }

  private static func measuring(
    _ scalingFactor: BenchmarkScalingFactor, in timeUnits: BenchmarkTimeUnits
  ) -> Self {
    // Where this is set, everything runs once, to see that it still does.
    let isSmokeTest = ProcessInfo.processInfo.environment["BENCHMARK_SMOKE"] != nil
    // Processor time is counted in steps of 10 ms on Linux, and allocations not at all without the
    // library's traits.
    return Self(
      metrics: [.wallClock, .throughput], timeUnits: timeUnits,
      warmupIterations: isSmokeTest ? 0 : 10, scalingFactor: scalingFactor,
      maxDuration: .seconds(5), maxIterations: isSmokeTest ? 1 : 500)
  }
}
