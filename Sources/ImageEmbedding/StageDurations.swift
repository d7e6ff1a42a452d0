/// Where the time of embedding goes.
public struct StageDurations: Hashable, Sendable {
  /// Reading a file and turning its bytes into pixels.
  public var decoding = Duration.zero
  /// Turning pixels into a model's input.
  public var preprocessing = Duration.zero
  /// Running the model and shaping its outputs.
  public var inference = Duration.zero

  /// Makes durations of nothing.
  public init() {}

  /// Adds the durations of another image.
  public static func += (sum: inout StageDurations, other: StageDurations) {
    sum.decoding += other.decoding
    sum.preprocessing += other.preprocessing
    sum.inference += other.inference
  }
}
