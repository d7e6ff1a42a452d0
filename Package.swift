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
  products: [
    .library(
      name: "ImageEmbedding",
      targets: [
        "ImageEmbedding", "BatchEmbedding", "EmbedderBatchInputs", "EmbeddingStore",
        "EmbeddingSearch", "DuplicateFinding",
      ]),
    .executable(name: "image-embedder", targets: ["ImageEmbedderCLI"]),
    .library(name: "imageembedder", type: .dynamic, targets: ["ImageEmbedderC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // What we wrap: the runtime's C interface, the image libraries, the models inside the binary.
    .target(name: "CEmbedderLiteRt", path: "Sources/CLiteRt"),
    .target(name: "CEmbedderOpenVINO", path: "Sources/COpenVINO"),
    .target(name: "CEmbedderBuiltInModels", path: "Sources/CBuiltInModels"),
    .target(name: "CEmbedderProcess", path: "Sources/CProcess"),
    .target(name: "CEmbedderSearch", path: "Sources/CSearch"),
    .target(name: "CEmbedderArguments", path: "Sources/CArguments"),
    .systemLibrary(
      name: "CEmbedderLibYUV", path: "Sources/CLibYUV", providers: [.apt(["libyuv-dev"])]),
    .systemLibrary(
      name: "CEmbedderJPEG", path: "Sources/CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg62-turbo-dev"])]),
    .systemLibrary(
      name: "CEmbedderGIF", path: "Sources/CGIF", pkgConfig: "libgif",
      providers: [.apt(["libgif-dev"])]),
    .systemLibrary(
      name: "CEmbedderSPNG", path: "Sources/CSPNG", pkgConfig: "spng",
      providers: [.apt(["libspng-dev"])]),
    .systemLibrary(
      name: "CEmbedderWebP", path: "Sources/CWebP", pkgConfig: "libwebpdemux",
      providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(
      name: "CEmbedderTIFF", path: "Sources/CTIFF", pkgConfig: "libtiff-4",
      providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(
      name: "CEmbedderArchive", path: "Sources/CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(
      name: "CEmbedderZLib", path: "Sources/CZLib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CEmbedderSHA2", path: "Sources/CSHA2", linkerSettings: [.linkedLibrary("md")]),
    .target(
      name: "CEmbedderGIFShim", dependencies: ["CEmbedderGIF"],
      path: "Sources/CGIFShim"),
    .target(
      name: "CEmbedderJPEGShim", dependencies: ["CEmbedderJPEG"],
      path: "Sources/CJPEGShim"),
    .target(
      name: "CEmbedderTIFFShim", dependencies: ["CEmbedderTIFF"],
      path: "Sources/CTIFFShim"),
    .target(name: "CEmbedderSTBImage", path: "Sources/CSTBImage"),
    .target(name: "CEmbedderHeif", path: "Sources/CHeif"),

    // The core, from the ground up.
    .target(name: "EmbedderPlatform", path: "Sources/Platform", swiftSettings: strict),
    .target(
      name: "EmbedderStorage",
      dependencies: ["CEmbedderProcess", "CEmbedderSHA2", "EmbedderPlatform"],
      path: "Sources/Storage",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderEmbeddings", dependencies: ["EmbedderStorage"],
      path: "Sources/Embeddings",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderFrameBuffers", dependencies: ["EmbedderStorage"],
      path: "Sources/FrameBuffers",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderModelMetadata", dependencies: ["CEmbedderZLib", "EmbedderStorage"],
      path: "Sources/ModelMetadata",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderInference",
      dependencies: ["EmbedderModelMetadata", "EmbedderStorage"],
      path: "Sources/Inference",
      swiftSettings: strict),
    .target(
      name: "EmbedderLiteRtRuntime",
      dependencies: [
        "CEmbedderLiteRt", "EmbedderInference", "EmbedderModelMetadata", "EmbedderPlatform",
        "EmbedderStorage",
      ],
      path: "Sources/LiteRtRuntime",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderOpenVINORuntime",
      dependencies: [
        "CEmbedderOpenVINO", "EmbedderInference", "EmbedderModelMetadata", "EmbedderPlatform",
        "EmbedderStorage",
      ],
      path: "Sources/OpenVINORuntime",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderIsolation",
      dependencies: [
        "EmbedderInference", "EmbedderModelMetadata", "EmbedderPlatform", "EmbedderStorage",
      ],
      path: "Sources/Isolation",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderPreprocessing",
      dependencies: ["CEmbedderLibYUV", "EmbedderFrameBuffers", "EmbedderStorage"],
      path: "Sources/Preprocessing",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderImageFiles",
      dependencies: [
        "CEmbedderGIFShim", "CEmbedderHeif", "CEmbedderJPEGShim", "CEmbedderSPNG",
        "CEmbedderSTBImage", "CEmbedderTIFFShim", "CEmbedderWebP", "EmbedderFrameBuffers",
        "EmbedderPlatform", "EmbedderStorage",
      ],
      path: "Sources/ImageFiles",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderThumbnails",
      dependencies: [
        "EmbedderFrameBuffers", "EmbedderImageFiles", "EmbedderPreprocessing", "EmbedderStorage",
      ],
      path: "Sources/Thumbnails",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "ImageEmbedding",
      dependencies: [
        "CEmbedderBuiltInModels", "EmbedderEmbeddings", "EmbedderFrameBuffers",
        "EmbedderImageFiles", "EmbedderInference", "EmbedderIsolation", "EmbedderLiteRtRuntime",
        "EmbedderModelMetadata", "EmbedderOpenVINORuntime", "EmbedderPlatform",
        "EmbedderPreprocessing", "EmbedderStorage",
      ],
      swiftSettings: strictWithLifetimes),

    .target(
      name: "BatchEmbedding",
      dependencies: [
        "EmbedderFrameBuffers", "EmbedderImageFiles", "EmbedderPlatform", "EmbedderStorage",
        "ImageEmbedding",
      ],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbedderBatchInputs",
      dependencies: [
        "BatchEmbedding", "CEmbedderArchive", "EmbedderFrameBuffers", "EmbedderImageFiles",
        "EmbedderPlatform", "EmbedderStorage", "ImageEmbedding",
      ],
      path: "Sources/BatchInputs",
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbeddingStore", dependencies: ["EmbedderEmbeddings", "EmbedderStorage"],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "EmbeddingSearch",
      dependencies: [
        "CEmbedderSearch", "EmbedderEmbeddings", "EmbedderPlatform", "EmbedderStorage",
        "EmbeddingStore",
      ],
      swiftSettings: strictWithLifetimes),
    .target(
      name: "DuplicateFinding",
      dependencies: [
        "BatchEmbedding", "EmbedderEmbeddings", "EmbedderFrameBuffers", "EmbedderImageFiles",
        "EmbedderPlatform", "EmbedderStorage", "EmbeddingSearch", "EmbeddingStore",
      ],
      swiftSettings: strictWithLifetimes),

    // The faces.
    .target(name: "CImageEmbedder"),
    .target(
      name: "ImageEmbedderC",
      dependencies: [
        "BatchEmbedding", "CImageEmbedder", "DuplicateFinding", "EmbedderPlatform",
        "EmbedderStorage", "EmbeddingSearch", "EmbeddingStore", "ImageEmbedding",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "ImageEmbedderCLI",
      dependencies: [
        "BatchEmbedding", "CEmbedderArguments", "CEmbedderProcess", "DuplicateFinding",
        "EmbedderBatchInputs", "EmbedderImageFiles", "EmbedderIsolation", "EmbedderPlatform",
        "EmbedderStorage", "EmbedderThumbnails", "EmbeddingSearch", "EmbeddingStore",
        "ImageEmbedding",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Tests, one target a room.
    .target(
      name: "EmbedderTestSupport", path: "Tests/TestSupport", resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "StorageTests", dependencies: ["EmbedderStorage", "EmbedderTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "LiteRtRuntimeTests",
      dependencies: [
        "CEmbedderLiteRt", "EmbedderInference", "EmbedderLiteRtRuntime", "EmbedderModelMetadata",
        "EmbedderStorage", "EmbedderTestSupport",
      ],
      swiftSettings: strictWithLifetimes),
    .testTarget(
      name: "OpenVINORuntimeTests",
      dependencies: [
        "CEmbedderOpenVINO", "EmbedderInference", "EmbedderModelMetadata",
        "EmbedderOpenVINORuntime", "EmbedderStorage", "EmbedderTestSupport",
      ],
      swiftSettings: strictWithLifetimes),
    .testTarget(
      name: "ModelMetadataTests",
      dependencies: ["EmbedderModelMetadata", "EmbedderStorage", "EmbedderTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "FrameBuffersTests", dependencies: ["EmbedderFrameBuffers", "EmbedderTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "PreprocessingTests",
      dependencies: [
        "CEmbedderLibYUV", "EmbedderFrameBuffers", "EmbedderPreprocessing", "EmbedderStorage",
        "EmbedderTestSupport",
      ],
      swiftSettings: strictWithLifetimes),
    .testTarget(
      name: "ImageFilesTests",
      dependencies: [
        "EmbedderFrameBuffers", "EmbedderImageFiles", "EmbedderStorage", "EmbedderTestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ThumbnailsTests",
      dependencies: [
        "EmbedderFrameBuffers", "EmbedderImageFiles", "EmbedderStorage", "EmbedderTestSupport",
        "EmbedderThumbnails",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddingsTests", dependencies: ["EmbedderEmbeddings", "EmbedderTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ImageEmbeddingTests",
      dependencies: ["EmbedderIsolation", "EmbedderTestSupport", "ImageEmbedding"],
      swiftSettings: strict),
    .testTarget(
      name: "BatchEmbeddingTests", dependencies: ["BatchEmbedding", "EmbedderTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "BatchInputsTests",
      dependencies: ["BatchEmbedding", "EmbedderBatchInputs", "EmbedderTestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddingStoreTests",
      dependencies: [
        "EmbedderEmbeddings", "EmbedderStorage", "EmbedderTestSupport", "EmbeddingStore",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EmbeddingSearchTests",
      dependencies: [
        "CEmbedderSearch", "EmbedderEmbeddings", "EmbedderStorage", "EmbedderTestSupport",
        "EmbeddingSearch",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "DuplicateFindingTests",
      dependencies: [
        "DuplicateFinding", "EmbedderEmbeddings", "EmbedderFrameBuffers", "EmbedderStorage",
        "EmbedderTestSupport", "EmbeddingStore",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ProjectTests",
      dependencies: [
        "DuplicateFinding", "EmbedderTestSupport", "ImageEmbedderCLI", "ImageEmbedding",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ImageEmbedderCLITests",
      dependencies: [
        "DuplicateFinding", "EmbedderStorage", "EmbedderTestSupport", "EmbeddingStore",
        "ImageEmbedderCLI", "ImageEmbedding",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)
