import CEmbedderProcess
import EmbedderPlatform

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

/// What the LiteRT runtime writes to the standard error by itself.
///
/// It announces its kernels once in a process, whatever its log level. A library must leave its host's
/// descriptors alone, but this program may put its own aside for a moment, before it has threads.
enum RuntimeLog {
  /// Runs `body` with the standard error leading nowhere.
  static func hidden<Result, Failure: Error>(
    unless isWanted: Bool, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard !isWanted else { return try body() }
    let saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    let nowhere = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard saved >= 0, nowhere >= 0 else { return try body() }
    dup2(nowhere, STDERR_FILENO)
    defer {
      fflush(nil)
      dup2(saved, STDERR_FILENO)
      close(saved)
      close(nowhere)
    }
    return try body()
  }
}
