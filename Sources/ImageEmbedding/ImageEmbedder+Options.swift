public import FrameBuffers
public import ImageFiles
public import Preprocessing

extension ImageEmbedder {
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

    /// Whether files are turned upright by their EXIF data.
    public var honorsExifOrientation = true

    /// What becomes of transparency.
    public var alpha = AlphaTreatment.drop

    /// How files are turned after that.
    public var rotation = Rotation.none

    /// What is refused when files are decoded.
    public var decodingLimits = DecodingLimits()

    /// The file of the LiteRT library, or `nil` to look for it.
    public var liteRtPath: String?

    /// Options for a model, everything else at its default.
    public init(model: ModelSource = .builtIn(.efficientNetLite0)) {
      self.model = model
    }
  }
}
