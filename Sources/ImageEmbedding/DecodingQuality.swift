/// How a file's picture is decoded; the names are those of the command line.
@nonexhaustive
public enum DecodingQuality: String, Sendable, CaseIterable {
  /// All of it.
  case exact

  /// JPEG files at an eighth, a quarter or half of their size where that still covers the model's input;
  /// everything else as with ``exact``.
  case fast

  /// All of it, JPEG files by the Task Library's own decoder: their pixels are the Task Library's to the bit.
  case taskLibrary = "task-library"
}
