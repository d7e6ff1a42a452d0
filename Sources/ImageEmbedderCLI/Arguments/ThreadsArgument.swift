import ArgumentParser
import ImageEmbedding

extension ParsableArguments {
  /// Throws unless a number of threads makes sense on this machine.
  func validate(threads: Int?) throws {
    guard (1...processorCount).contains(threads ?? 1) else {
      throw ValidationError(
        "--threads is \(threads ?? 1); a number from 1 to \(processorCount), this machine's cores, is"
          + " needed")
    }
  }
}
