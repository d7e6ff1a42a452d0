import ArgumentParser
import CEmbedderArguments
import EmbedderIsolation
import EmbedderPlatform
import ImageEmbedding

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
  if let path = resolved("/proc/self/exe") { return path }
  #endif
  // Where /proc is missing: as the program was called, which the system looks up without PATH.
  let name = unsafe carguments_program().map { unsafe String(cString: $0) } ?? ""
  return resolved(name) ?? name
}

private func resolved(_ path: String) -> String? {
  guard let full = unsafe realpath(path, nil) else { return nil }
  defer { unsafe free(full) }
  return unsafe String(cString: full)
}
