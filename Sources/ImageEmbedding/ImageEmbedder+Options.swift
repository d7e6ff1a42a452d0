public import EmbedderFrameBuffers
public import EmbedderImageFiles
public import EmbedderInference
public import EmbedderModelMetadata
public import EmbedderPreprocessing
public import EmbedderStorage

extension ImageEmbedder {
  /// Inference in a process of its own, for models that nobody trusts.
  ///
  /// A crash or a hang there is an error of that call; the next call starts another process. Each image
  /// costs some tenths of a millisecond more.
  public struct Isolation: Hashable, Sendable {
    /// The path of the `image-embedder` executable, which is also the worker.
    public var workerPath: String

    /// How many seconds loading the model, and each image, may take.
    public var timeoutSeconds: Int

    /// Makes an isolation by a worker.
    public init(workerPath: String, timeoutSeconds: Int = 60) {
      self.workerPath = workerPath
      self.timeoutSeconds = timeoutSeconds
    }
  }

  /// How an embedder works; the defaults are the reference's.
  public struct Options: Hashable, Sendable {
    /// The model.
    public var model: ModelSource

    /// The threads of one inference: −1 or 0 for one, larger numbers up to the number of cores.
    ///
    /// One thread per embedder and several embedders at once are faster than one embedder with
    /// several threads, and suffer less from other programs.
    public var threadCount = 1

    /// Whether feature vectors are scaled to length 1.
    public var l2Normalize = false

    /// Whether feature vectors are turned into signed bytes, after scaling if that is on.
    public var quantize = false

    /// What to use in place of the normalization in the model's metadata, or where it has none.
    public var normalization: Normalization?

    /// The signature of the model that is run, or `nil` for its first.
    public var signature: String?

    /// How outputs that are feature maps or tokens become vectors, or `nil` where there are none.
    public var pooling: Pooling?

    /// Where feature maps have their channels, or `nil` for where the input has them.
    public var mapLayout: TensorLayout?

    /// How files are decoded: what is refused, and whether their orientation counts.
    public var decoding = DecodingOptions()

    /// How much of a file's picture is decoded, and by which decoder.
    public var decodingQuality = DecodingQuality.exact

    /// How pictures are brought to the model's size.
    public var preset = PreprocessingPreset.taskLibraryV1

    /// What becomes of transparency.
    public var alpha = AlphaTreatment.drop

    /// How files are turned after their own orientation was corrected.
    public var rotation = Rotation.none

    /// How the model is kept away from this process, or `nil` for a model that is trusted.
    public var isolation: Isolation?

    /// The file of the LiteRT library, or `nil` to look for it.
    public var liteRtPath: PathBytes?

    /// What computes the model's outputs; whatever differs from the default has numbers of its own.
    public var accelerator = Accelerator.cpu

    /// The floating-point numbers that it computes in; ``Accelerator/openVINO`` alone has another than the
    /// default.
    public var precision = Precision.float32

    /// The file of the accelerator's library, or `nil` to look for it; ``Accelerator/cpu`` has none.
    ///
    /// OpenVINO's C library (`libopenvino_c.so.2631`) for ``Accelerator/openVINO``, LiteRT's WebGPU accelerator
    /// (`libLiteRtWebGpuAccelerator.so`) for ``Accelerator/gpu``.
    public var acceleratorLibraryPath: PathBytes?

    /// Options for a model, everything else at its default.
    public init(model: ModelSource = .builtIn(.efficientNetLite0)) {
      self.model = model
    }
  }
}
