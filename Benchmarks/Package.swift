// swift-tools-version: 6.3
import PackageDescription

// A package of its own, so that users of the library never fetch what only measuring needs.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "image-embedder-benchmarks",
  products: [
    .executable(name: "embed-frames", targets: ["EmbedFrames"]),
    .executable(name: "open-sizes", targets: ["OpenSizes"]),
    .executable(name: "overhead", targets: ["Overhead"]),
    .executable(name: "shapes", targets: ["Shapes"]),
  ],
  dependencies: [
    .package(name: "image-embedder", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    // Without its traits: they replace malloc and the reference counting, which would be measured too.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    // What the embedder is held against: the runtime alone, and the plain way through libyuv.
    .target(
      name: "CBaseline",
      linkerSettings: [
        .linkedLibrary("spng"), .linkedLibrary("turbojpeg"), .linkedLibrary("yuv"),
      ]),
    .target(
      name: "Photographs",
      dependencies: [
        "CBaseline", .product(name: "ImageEmbedding", package: "image-embedder"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Overhead",
      dependencies: [
        "CBaseline", "Photographs",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ImageEmbedding", package: "image-embedder"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Shapes",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ImageEmbedding", package: "image-embedder"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "OpenSizes",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ImageEmbedding", package: "image-embedder"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "EmbedFrames",
      dependencies: [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ImageEmbedding", package: "image-embedder"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "EmbeddingBenchmarks",
      dependencies: [
        "Photographs",
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "ImageEmbedding", package: "image-embedder"),
      ],
      path: "Benchmarks/EmbeddingBenchmarks",
      swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)
