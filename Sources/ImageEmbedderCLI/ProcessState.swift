import CEmbedderProcess
import EmbedderPlatform
import EmbedderStorage
import Synchronization

/// Brings what the program was started with into a state in which it can tell about errors.
func prepareProcess() {
  // A file that is opened as a descriptor which others write messages to is lost. What is there in place of
  // a closed descriptor cannot be used the way that the descriptor would be: that stays an error.
  for (descriptor, mode) in [
    (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
  ] where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
    // Descriptors are given out from the lowest on. Where there is no /dev, the root folder is.
    if unsafe open("/dev/null", mode) < 0 { _ = unsafe open("/", O_RDONLY) }
  }
  // A limit to the size of files (ulimit -f) is an error of the one that writes, like a full disk.
  signal(SIGXFSZ, SIG_IGN)
}

/// Has freed blocks of 4 MiB and more go back to the system at once.
///
/// glibc raises its own limit for that whenever such a block is freed, after which pictures of mixed sizes
/// leave holes in the heap and the resident size creeps up (5 % over 10,000 files; with this, nothing).
func returnLargeBlocksAtOnce() {
  cprocess_return_blocks_from(4 << 20)
}

/// What the runtime writes by itself.
///
/// It announces its kernels on the standard error once in a process, whatever its log level, and what it
/// looks for on a graphics card on the standard output. Of a card it tells on the standard error whenever a
/// model is made ready, on whatever thread. A library must leave its host's descriptors alone, but this
/// program may put its own aside, before it has threads.
enum RuntimeLog {
  /// The descriptor of this program's standard error, which is another one while the runtime writes to
  /// nowhere.
  static var standardError: CInt { ownError.load(ordering: .relaxed) }

  /// The graphics card that the runtime has chosen, in its driver's words, as far as it told of one.
  static var graphicsCard: String? { chosenCard.withLock { $0 } }

  private static let ownError = Atomic(STDERR_FILENO)
  private static let chosenCard = Locked<String?>(nil)

  /// Runs `body` with the standard output and error leading nowhere.
  ///
  /// - Parameters:
  ///   - isWanted: Whether what the runtime writes is shown instead.
  ///   - isForGood: Whether the standard error leads nowhere afterwards too, until ``restore()``.
  ///   - body: What has the runtime write.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws.
  static func hidden<Result, Failure: Error>(
    unless isWanted: Bool, forGood isForGood: Bool = false, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard !isWanted, let log = unsafe tmpfile() else { return try body() }
    // What is still on its way belongs to where it was written to.
    fflush(nil)
    let saved = [STDOUT_FILENO, STDERR_FILENO].map { ($0, fcntl($0, F_DUPFD_CLOEXEC, 3)) }
    for (descriptor, copy) in saved where copy >= 0 {
      unsafe dup2(fileno(log), descriptor)
    }
    defer {
      fflush(nil)
      for (descriptor, copy) in saved where copy >= 0 {
        if isForGood, descriptor == STDERR_FILENO, standardError == STDERR_FILENO, leadNowhere() {
          ownError.store(copy, ordering: .relaxed)
        } else {
          dup2(copy, descriptor)
          close(copy)
        }
      }
      unsafe note(log)
      unsafe fclose(log)
    }
    return try body()
  }

  /// Has the standard error be this program's again, for those who know no other.
  static func restore() {
    let copy = ownError.exchange(STDERR_FILENO, ordering: .relaxed)
    guard copy != STDERR_FILENO else { return }
    fflush(nil)
    dup2(copy, STDERR_FILENO)
    close(copy)
  }

  /// A path, where it names the standard error by what leads to this program's.
  static func path(for path: PathBytes) -> PathBytes {
    let names: [PathBytes] = ["/dev/stderr", "/dev/fd/2", "/proc/self/fd/2"]
    guard standardError != STDERR_FILENO, names.contains(path) else { return path }
    return PathBytes("/dev/fd/\(standardError)")
  }

  /// Has the standard error lead nowhere; returns whether it does.
  private static func leadNowhere() -> Bool {
    let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard nowhere >= 0 else { return false }
    defer { close(nowhere) }
    return dup2(nowhere, STDERR_FILENO) >= 0
  }

  /// Looks for the graphics card in a log.
  private static func note(_ log: UnsafeMutablePointer<FILE>) {
    unsafe rewind(log)
    var bytes = Array(repeating: UInt8(0), count: 1 << 16)
    let count = unsafe fread(&bytes, 1, bytes.count, log)
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    guard let name = cardName(in: text) else { return }
    chosenCard.withLock { $0 = name }
  }

  /// The name of the card that a log says was chosen.
  static func cardName(in log: String) -> String? {
    let mark = "Selected adapter: "
    for line in log.split(separator: "\n") {
      guard let range = line.firstRange(of: mark) else { continue }
      return String(line[range.upperBound...].prefix { $0 != "," })
    }
    return nil
  }
}
