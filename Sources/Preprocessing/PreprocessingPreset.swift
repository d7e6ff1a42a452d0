/// How a picture is brought to the model's size; the names are those of the command line.
///
/// Vectors made under different presets are not the same vectors. What a preset does never changes; an
/// improvement is another preset.
@nonexhaustive
public enum PreprocessingPreset: String, Sendable, CaseIterable {
  /// What the Task Library does, bit for bit: bilinear, so that of a picture that is shrunk by much
  /// most pixels are never read.
  case taskLibraryV1 = "task-library-v1"

  /// An axis that is shrunk is averaged over the area that each pixel covers, so that every pixel of
  /// the region counts and a picture's vector depends little on its resolution. An axis that grows is
  /// bilinear.
  case antialiasedV1 = "antialiased-v1"
}
