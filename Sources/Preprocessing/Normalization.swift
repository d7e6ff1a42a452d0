/// What turns a channel's byte into the number that a model expects: `(byte − mean) / std`.
public struct Normalization: Hashable, Sendable {
  /// What is subtracted, for red, green and blue.
  public let mean: [Float]

  /// What the difference is divided by, for red, green and blue.
  public let std: [Float]

  /// Makes a normalization of one value for all channels, or of three.
  ///
  /// - Parameters:
  ///   - mean: One or three finite values.
  ///   - std: As many finite values, none of them (nearly) zero; negative ones are accepted.
  /// - Throws: ``NormalizationError``.
  public init(mean: [Float], std: [Float]) throws(NormalizationError) {
    guard mean.count == std.count else {
      throw .differentCounts(mean: mean.count, std: std.count)
    }
    guard mean.count == 1 || mean.count == 3 else {
      throw .unsupportedCount(mean.count)
    }
    guard (mean + std).allSatisfy(\.isFinite) else {
      throw .notFinite
    }
    guard std.allSatisfy({ $0.magnitude >= Float.ulpOfOne }) else {
      throw .zeroStd
    }
    self.mean = mean.count == 1 ? Array(repeating: mean[0], count: 3) : mean
    self.std = std.count == 1 ? Array(repeating: std[0], count: 3) : std
  }
}

/// Why numbers are no normalization.
public enum NormalizationError: Error, Hashable, Sendable {
  /// There are not as many means as standard deviations.
  case differentCounts(mean: Int, std: Int)
  /// There are neither one nor three values.
  case unsupportedCount(Int)
  /// A standard deviation is zero, or so small that dividing by it says nothing.
  case zeroStd
  /// A value is infinite or no number.
  case notFinite
}

extension NormalizationError: CustomStringConvertible {
  /// The reference's sentence where it has one.
  public var description: String {
    switch self {
    case .differentCounts(let mean, let std):
      "NormalizationOptions: expected mean and std of same dimension, got \(mean) and \(std)."
    case .unsupportedCount(let count):
      "NormalizationOptions: only 1 or 3 mean and std values are supported, got \(count)."
    case .zeroStd:
      "NormalizationOptions.std_values can't be 0. Please check if the tensor metadata has been"
        + " populated correctly."
    case .notFinite:
      "NormalizationOptions: mean and std must be finite numbers."
    }
  }
}
