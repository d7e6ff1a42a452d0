import ArgumentParser
import ImageEmbedding
import Isolation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What `--isolate` starts; not for users.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: InferenceWorker.argument,
    abstract: "Runs a model for another process, over its standard input.",
    shouldDisplay: false)

  func run() {
    InferenceWorker.serve(with: Engines.makeInProcess)
  }
}

/// The path of this program.
func ownExecutable() -> String {
  #if os(Linux) || os(Android)
  let name = "/proc/self/exe"
  #else
  let name = CommandLine.arguments[0]
  #endif
  guard let path = unsafe realpath(name, nil) else { return name }
  defer { unsafe free(path) }
  return unsafe String(cString: path)
}
