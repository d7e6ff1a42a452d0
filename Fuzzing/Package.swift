// swift-tools-version: 6.3
import PackageDescription

// A package of its own: fuzz targets link only with the fuzzer's runtime, which an ordinary build does
// not have. `make fuzz` in the folder above builds and runs it.
let settings: [SwiftSetting] = [
  .unsafeFlags(["-parse-as-library"]),
  .strictMemorySafety(),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "fuzzing",
  products: [
    .executable(name: "FuzzImage", targets: ["FuzzImage"]),
    .executable(name: "FuzzModel", targets: ["FuzzModel"]),
    .executable(name: "FuzzAnnotate", targets: ["FuzzAnnotate"]),
    .executable(name: "FuzzMetadata", targets: ["FuzzMetadata"]),
    .executable(name: "FuzzFrame", targets: ["FuzzFrame"]),
    .executable(name: "FuzzStore", targets: ["FuzzStore"]),
    .executable(name: "FuzzSearch", targets: ["FuzzSearch"]),
    .executable(name: "FuzzThumbnails", targets: ["FuzzThumbnails"]),
  ],
  dependencies: [.package(name: "image-embedder", path: "..")],
  targets: [
    "FuzzImage", "FuzzModel", "FuzzAnnotate", "FuzzMetadata", "FuzzFrame", "FuzzStore",
    "FuzzSearch", "FuzzThumbnails",
  ].map { name in
    .executableTarget(
      name: name,
      dependencies: [.product(name: "ImageEmbedding", package: "image-embedder")],
      swiftSettings: settings)
  },
  swiftLanguageModes: [.v6]
)
