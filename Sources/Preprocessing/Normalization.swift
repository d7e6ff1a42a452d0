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
@nonexhaustive
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
  /// A sentence with what was found and what is needed.
  public var description: String {
    switch self {
    case .differentCounts(let mean, let std):
      "there are \(mean) mean and \(std) std values; as many of one as of the other are needed"
    case .unsupportedCount(let count):
      "there are \(count) mean and std values; 1 or 3 are needed"
    case .zeroStd:
      "a std value is 0, or nearly; values that one can divide by are needed"
    case .notFinite:
      "a mean or std value is infinite or not a number; finite values are needed"
    }
  }
}
