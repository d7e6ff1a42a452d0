import ArgumentParser
import EmbedderPlatform
import ImageEmbedding

/// Why a command stopped before its end; printed as `Error: …`, exit status 1.
struct Failure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }

  /// The failure of a model, with what it may come of on this machine.
  init(loadingModel error: EmbedderError) {
    var description = "\(error)"
    #if os(Linux)
    // The runtime learns there what the processor can do.
    if case .engine = error, !exists("/proc/cpuinfo") {
      description += "; /proc is not there, which the runtime needs: mount it"
    }
    #endif
    self.init(description)
  }

  /// The failure of a system call, from the number that it left.
  static func system(_ operation: String, _ path: String) -> Failure {
    let number = errno
    var reason = unsafe String(cString: strerror(number))
    if number == EFBIG { reason += "; raise the limit to the size of files (ulimit -f)" }
    let name = path.hasPrefix("'") || path.hasPrefix("the ") ? path : quoted(path)
    return Failure("cannot \(operation) \(name): \(reason)")
  }
}

/// Writes a line to the standard error.
func report(_ message: String) {
  writeToStandardError("image-embedder: \(message)\n")
}

/// Writes text to the standard error as it is.
func writeToStandardError(_ text: String) {
  // Where nobody can be told, there is nobody to tell that.
  _ = unsafe writeAll(Array(text.utf8).span.bytes, to: RuntimeLog.standardError)
}

/// A number with a fixed count of decimals, rounded half away from zero like C's `%f` on ties that
/// binary numbers can have.
func fixed(_ value: Double, decimals: Int) -> String {
  formatted(value, "%.*f", decimals: decimals)
}

/// A number as one digit, a count of decimals and a power of ten, as C's `%e` writes it.
func scientific(_ value: Double, decimals: Int) -> String {
  formatted(value, "%.*e", decimals: decimals)
}

private func formatted(_ value: Double, _ format: String, decimals: Int) -> String {
  guard value.isFinite else { return "\(value)" }
  var buffer = [CChar](repeating: 0, count: 400)
  let count = unsafe withVaList([Int32(decimals), value]) { arguments in
    unsafe vsnprintf(&buffer, buffer.count, format, arguments)
  }
  return String(decoding: buffer.prefix(Int(count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
}
