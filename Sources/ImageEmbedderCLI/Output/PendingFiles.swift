import EmbedderPlatform
import ImageEmbedding

/// The temporary files of unfinished outputs, removed when a signal ends the program.
///
/// A signal handler may call little more than `unlink`, so the paths lie in a table that is made before
/// the first handler is installed. Used from one thread.
enum PendingFiles {
  private static let capacity = 64

  nonisolated(unsafe) private static let table = {
    let table = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: capacity)
    unsafe table.initialize(repeating: nil, count: capacity)
    installHandlers()
    return unsafe table
  }()

  /// Notes a file that is to go if the program is ended.
  static func add(_ path: PathBytes) {
    for slot in 0..<capacity where unsafe table[slot] == nil {
      unsafe table[slot] = unsafe path.withCString { unsafe strdup($0) }
      return
    }
  }

  /// Forgets a file that has its name or is gone.
  static func remove(_ path: PathBytes) {
    for slot in 0..<capacity {
      guard let entry = unsafe table[slot],
        unsafe path.withCString({ unsafe strcmp(entry, $0) }) == 0
      else { continue }
      unsafe table[slot] = nil
      unsafe free(entry)
      return
    }
  }

  private static func installHandlers() {
    for number in Interruption.signals {
      let previous = signal(number) { number in
        // The first one may be for the run to notice; whoever sends a second does not want to wait.
        if Interruption.notes(number) { return }
        ProgressDisplay.clearAtOnce()
        for slot in 0..<PendingFiles.capacity {
          if let path = unsafe PendingFiles.table[slot] { unsafe unlink(path) }
        }
        _exit(128 + number)
      }
      // Who started the program may have it ignore a signal, as nohup does; it stays ignored.
      if unsafe unsafeBitCast(previous, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
  }

  /// Has signals handled from now on.
  static func prepare() {
    _ = unsafe table
  }
}
