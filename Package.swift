// swift-tools-version: 6.3
import PackageDescription

/// What every Swift target is compiled with.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// For the rooms that hand out spans of memory they own.
let strictWithLifetimes = strict + [.enableExperimentalFeature("Lifetimes")]

let package = Package(
  name: "image-embedder",
  platforms: [.macOS(.v26), .iOS(.v26)],
  products: [
    .library(
      name: "ImageEmbedding",
      targets: ["ImageEmbedding", "BatchEmbedding", "BatchInputs", "EmbeddingStore"]),
    .executable(name: "image-embedder", targets: ["ImageEmbedderCLI"]),
    .library(name: "imageembedder", type: .dynamic, targets: ["ImageEmbedderC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What we wrap: the runtime's C interface, the image libraries, the models inside the binary.
    .target(name: "CLiteRt"),
    .target(name: "CBuiltInModels"),
    .target(name: "CProcess"),
    .target(name: "CArguments"),
    .systemLibrary(name: "CLibYUV", providers: [.apt(["libyuv-dev"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg62-turbo-dev"])]),
    .systemLibrary(name: "CGIF", pkgConfig: "libgif", providers: [.apt(["libgif-dev"])]),
    .systemLibrary(name: "CSPNG", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),
    .systemLibrary(
      name: "CWebP", pkgConfig: "libwebpdemux", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(name: "CSHA2", linkerSettings: [.linkedLibrary("md")]),
    .target(name: "CGIFShim", dependencies: ["CGIF"]),
    .target(name: "CJPEGShim", dependencies: ["CJPEG"]),
    .target(name: "CTIFFShim", dependencies: ["CTIFF"]),
    .target(name: "CSTBImage"),
    .target(name: "CHeif"),

    // The core, from the ground up.
    .target(
      name: "Storage", dependencies: ["CProcess", "CSHA2"], swiftSettings: strictWithLifetimes),
    .target(name: "Embeddings", dependencies: ["Storage"], swiftSettings: strictWithLifetimes),
    .target(
      name: "FrameBuffers", dependencies: ["Storage"], swiftSettings: strictWithLifetimes),
    .target(name: "ModelMetadata", swiftSettings: strictWithLifetimes),
    .target(
      name: "Inference", dependencies: ["ModelMetadata", "Storage"], swiftSettings: strict),
    .target(
      name: "LiteRtRuntime", dependencies: ["CLiteRt", "Inference", "ModelMetadata", "Storage"],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "Isolation", dependencies: ["Inference", "ModelMetadata", "Storage"],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "Preprocessing", dependencies: ["CLibYUV", "FrameBuffers", "Storage"],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "ImageFiles",
      dependencies: [
        "CGIFShim", "CHeif", "CJPEGShim", "CSPNG", "CSTBImage", "CTIFFShim", "CWebP",
        "FrameBuffers",
        "Storage",
      ],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "ImageEmbedding",
      dependencies: [
        "CBuiltInModels", "Embeddings", "FrameBuffers", "ImageFiles", "Inference", "Isolation",
        "LiteRtRuntime", "ModelMetadata", "Preprocessing", "Storage",
      ],
      swiftSettings: strictWithLifetimes),

    .target(
      name: "BatchEmbedding",
      dependencies: ["FrameBuffers", "ImageEmbedding", "ImageFiles", "Storage"],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "BatchInputs",
      dependencies: [
        "BatchEmbedding", "CArchive", "FrameBuffers", "ImageEmbedding", "ImageFiles", "Storage",
      ],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbeddingStore", dependencies: ["Embeddings", "Storage"],
      swiftSettings: strictWithLifetimes),

    // The faces.
    .target(name: "CImageEmbedder"),
    .target(
      name: "ImageEmbedderC",
      dependencies: ["BatchEmbedding", "CImageEmbedder", "EmbeddingStore", "ImageEmbedding"],
      swiftSettings: strict),
    .executableTarget(
      name: "ImageEmbedderCLI",
      dependencies: [
        "BatchEmbedding", "BatchInputs", "CArguments", "CProcess", "EmbeddingStore",
        "ImageEmbedding", "Isolation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Tests, one target a room.
    .target(
      name: "TestSupport", path: "Tests/TestSupport", resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "StorageTests", dependencies: ["Storage", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LiteRtRuntimeTests",
      dependencies: [
        "CLiteRt", "Inference", "LiteRtRuntime", "ModelMetadata", "Storage", "TestSupport",
      ],
      swiftSettings: strictWithLifetimes),
    .testTarget(
      name: "ModelMetadataTests", dependencies: ["ModelMetadata", "Storage", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "FrameBuffersTests", dependencies: ["FrameBuffers", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "PreprocessingTests",
      dependencies: ["CLibYUV", "FrameBuffers", "Preprocessing", "Storage", "TestSupport"],
      swiftSettings: strictWithLifetimes),
    .testTarget(
      name: "ImageFilesTests",
      dependencies: ["FrameBuffers", "ImageFiles", "Storage", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddingsTests", dependencies: ["Embeddings", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ImageEmbeddingTests", dependencies: ["ImageEmbedding", "Isolation", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "BatchEmbeddingTests", dependencies: ["BatchEmbedding", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "BatchInputsTests", dependencies: ["BatchEmbedding", "BatchInputs", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddingStoreTests",
      dependencies: ["EmbeddingStore", "Embeddings", "Storage", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ProjectTests", dependencies: ["ImageEmbedderCLI", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ImageEmbedderCLITests",
      dependencies: ["EmbeddingStore", "ImageEmbedderCLI", "TestSupport"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)
