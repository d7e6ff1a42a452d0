import CImageEmbedder
import EmbedderImageFiles
import EmbedderModelMetadata
import EmbedderPreprocessing
import EmbedderStorage
import ImageEmbedding

extension ImageEmbedder.Options {
  /// The options that C describes; `nil` describes the defaults.
  init(_ pointer: UnsafePointer<ie_options>?) throws {
    self.init()
    guard let pointer = unsafe pointer else { return }
    let options = try unsafe ie_options(pointer, "options")
    guard unsafe options.reserved == 0 else {
      throw unsafe CallError.invalid("reserved of options", options.reserved, needed: "0")
    }
    model = try unsafe ModelSource(options)
    threadCount = unsafe Int(options.thread_count)
    l2Normalize = unsafe options.l2_normalize
    quantize = unsafe options.quantize
    normalization = try unsafe Normalization(options)
    decoding = try unsafe DecodingOptions(options)

    guard let rotation = unsafe Rotation(rawValue: Int(options.rotation)) else {
      throw unsafe CallError.invalid(
        "rotation", options.rotation, needed: "0, 90, 180 or 270")
    }
    self.rotation = rotation
    decodingQuality = try unsafe DecodingQuality(options.decoding)
    if let name = try unsafe text(options.preset, "preset") {
      preset = try PreprocessingPreset(named: name)
    }
    alpha = try unsafe AlphaTreatment(options.alpha)
    signature = try unsafe text(options.signature, "signature")
    pooling = try unsafe Pooling(options.pooling)
    mapLayout = try unsafe TensorLayout(options.map_layout)
    if let path = unsafe options.litert_path, unsafe path.pointee != 0 {
      liteRtPath = try unsafe PathBytes(path)
    }
    accelerator = try unsafe Accelerator(options.accelerator)
    if let path = unsafe options.accelerator_library, unsafe path.pointee != 0 {
      acceleratorLibraryPath = try unsafe PathBytes(path)
    }
    precision = try unsafe Precision(options.precision)
    guard unsafe options.reserved2 == 0 else {
      throw unsafe CallError.invalid("reserved2 of options", options.reserved2, needed: "0")
    }
    let seconds = unsafe options.worker_timeout_seconds
    guard seconds >= 0 else {
      throw CallError.invalid("worker_timeout_seconds", seconds, needed: "a number from 0")
    }
    isolation = try unsafe text(options.worker_path, "worker_path").map { path in
      var isolation = ImageEmbedder.Isolation(workerPath: path)
      if seconds > 0 { isolation.timeoutSeconds = Int(seconds) }
      return isolation
    }
  }
}

extension DecodingOptions {
  /// What C says of files, and nothing else of the options; `nil` describes the defaults.
  init(_ pointer: UnsafePointer<ie_options>?) throws {
    self.init()
    guard let pointer = unsafe pointer else { return }
    try unsafe self.init(ie_options(pointer, "options"))
  }

  fileprivate init(_ options: ie_options) throws {
    self.init()
    honorsOrientation = unsafe !options.ignores_orientation
    decodesJPEGAsTaskLibrary = try unsafe DecodingQuality(options.decoding) == .taskLibrary
    allowsTruncated = unsafe options.allows_truncated
    limits.pixelCount = try unsafe limit(
      options.max_pixels, "max_pixels", default: limits.pixelCount)
    limits.fileByteCount = try unsafe limit(
      options.max_file_bytes, "max_file_bytes", default: limits.fileByteCount)
  }
}

/// A limit, of which 0 is the default.
private func limit(_ value: Int64, _ name: String, default: Int) throws -> Int {
  guard value >= 0 else {
    throw CallError.invalid(name, value, needed: "a number from 0")
  }
  return value == 0 ? `default` : Int(value)
}

/// Text of the caller's; `nil` for `NULL` and for nothing.
private func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String? {
  guard let pointer = unsafe pointer, unsafe pointer.pointee != 0 else { return nil }
  guard let text = unsafe String(validatingCString: pointer) else {
    throw CallError("\(name) is not UTF-8; a path in UTF-8 is needed")
  }
  return text
}

extension ModelSource {
  /// The model that options name, and nothing else of them; `nil` names the default.
  init(_ pointer: UnsafePointer<ie_options>?) throws {
    guard let pointer = unsafe pointer else {
      self = .builtIn(.efficientNetLite0)
      return
    }
    try unsafe self.init(ie_options(pointer, "options"))
  }

  /// The first of the places for a model that is given, or the default.
  fileprivate init(_ options: ie_options) throws {
    guard unsafe options.model_byte_count >= 0 else {
      throw unsafe CallError.invalid(
        "model_byte_count", UInt(bitPattern: options.model_byte_count), needed: "a model's size")
    }
    if unsafe options.model_byte_count > 0 {
      guard let bytes = unsafe options.model_bytes else { throw CallError.null("model_bytes") }
      self = unsafe .bytes(
        Array(UnsafeRawBufferPointer(start: bytes, count: options.model_byte_count)))
    } else if let name = try unsafe text(options.model, "model") {
      self.init(name)
    } else if let part = unsafe options.model_file_part?.pointee {
      self = .bytes(
        try readFilePart(
          of: part.descriptor, offset: Int(part.offset), byteCount: Int(part.length)))
    } else {
      self = .builtIn(.efficientNetLite0)
    }
  }
}

extension Normalization {
  /// The normalization in place of the model's, if one is given.
  fileprivate init?(_ options: ie_options) throws {
    try unsafe self.init(
      mean: options.normalization_mean, std: options.normalization_std,
      count: options.normalization_count)
  }

  /// The normalization that C describes, if it does.
  init?(mean: UnsafePointer<Float>?, std: UnsafePointer<Float>?, count: Int) throws {
    guard unsafe count != 0 || mean != nil || std != nil else { return nil }
    guard count == 1 || count == 3 else {
      throw CallError.invalid("normalization_count", UInt(bitPattern: count), needed: "1 or 3")
    }
    guard let mean = unsafe mean else { throw CallError.null("normalization_mean") }
    guard let std = unsafe std else { throw CallError.null("normalization_std") }
    try unsafe self.init(
      mean: Array(UnsafeBufferPointer(start: mean, count: count)),
      std: Array(UnsafeBufferPointer(start: std, count: count)))
  }
}

extension DecodingQuality {
  fileprivate init(_ decoding: ie_decoding) throws {
    switch decoding {
    case IE_DECODING_EXACT: self = .exact
    case IE_DECODING_FAST: self = .fast
    case IE_DECODING_TASK_LIBRARY: self = .taskLibrary
    default: throw CallError.invalid("decoding", decoding.rawValue, needed: "0, 1 or 2")
    }
  }
}

extension PreprocessingPreset {
  fileprivate init(named name: String) throws {
    guard let preset = Self(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: " or ")
      throw CallError.invalid("preset", quoted(name), needed: known)
    }
    self = preset
  }
}

extension Pooling {
  fileprivate init?(_ pooling: ie_pooling) throws {
    switch pooling {
    case IE_POOLING_NONE: return nil
    case IE_POOLING_MEAN: self = .mean
    case IE_POOLING_MAX: self = .max
    case IE_POOLING_CLS: self = .cls
    case IE_POOLING_FLATTEN: self = .flatten
    default: throw CallError.invalid("pooling", pooling.rawValue, needed: "a number from 0 to 4")
    }
  }
}

extension TensorLayout {
  fileprivate init?(_ layout: ie_layout) throws {
    switch layout {
    case IE_LAYOUT_AS_INPUT: return nil
    case IE_LAYOUT_NHWC: self = .nhwc
    case IE_LAYOUT_NCHW: self = .nchw
    default: throw CallError.invalid("map_layout", layout.rawValue, needed: "0, 1 or 2")
    }
  }
}

extension Accelerator {
  fileprivate init(_ accelerator: ie_accelerator) throws {
    switch accelerator {
    case IE_ACCELERATOR_CPU: self = .cpu
    case IE_ACCELERATOR_OPENVINO: self = .openVINO
    case IE_ACCELERATOR_GPU: self = .gpu
    default: throw CallError.invalid("accelerator", accelerator.rawValue, needed: "0, 1 or 2")
    }
  }
}

extension Precision {
  fileprivate init(_ precision: ie_precision) throws {
    switch precision {
    case IE_PRECISION_FLOAT32: self = .float32
    case IE_PRECISION_BFLOAT16: self = .bfloat16
    default: throw CallError.invalid("precision", precision.rawValue, needed: "0 or 1")
    }
  }
}

extension AlphaTreatment {
  fileprivate init(_ alpha: ie_alpha) throws {
    switch alpha {
    case IE_ALPHA_DROP: self = .drop
    case IE_ALPHA_WHITE: self = .white
    case IE_ALPHA_BLACK: self = .black
    default: throw CallError.invalid("alpha", alpha.rawValue, needed: "0, 1 or 2")
    }
  }
}
