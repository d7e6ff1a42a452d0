import EmbedderPlatform
import EmbedderStorage

/// Keeps runs out of each other's way, by locks on single bytes of the file `.lock`, which the system gives
/// back however a process ends.
///
/// Byte 0 is held for the moment in which a run looks at the folder and registers. Byte 1 is held for as
/// long as a run lasts: by all shards together, or by one undivided run alone. Shard I of N holds the byte
/// of its I, and shares that of its N, of which one at a time may be held.
final class StoreLock {
  private let layout: StoreLayout
  private let descriptor: CInt

  private static let registering: off_t = 0
  private static let running: off_t = 1
  private static let shardNumbers: off_t = 1 << 24
  private static let shardCounts: off_t = 1 << 25

  /// How long others may take to register.
  private static let patience = 30_000

  init(_ layout: StoreLayout) throws(StoreError) {
    self.layout = layout
    descriptor = unsafe layout.lock.withCString {
      unsafe open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
    }
    guard descriptor >= 0 else { throw .system("write", layout.lock) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Waits until nobody else registers.
  func beginRegistering() throws(StoreError) {
    for _ in 0..<Self.patience / 10 {
      if try take(Self.registering, CShort(F_WRLCK)) { return }
      usleep(10_000)
    }
    throw .busy(path: layout.path.description)
  }

  func endRegistering() throws(StoreError) {
    _ = try take(Self.registering, CShort(F_UNLCK))
  }

  /// Registers a run for as long as this object lives; called between the two above.
  func register(_ shard: Shard?) throws(StoreError) {
    guard try isFree(for: shard) else { throw .busy(path: layout.path.description) }
  }

  private func isFree(for shard: Shard?) throws(StoreError) -> Bool {
    guard let shard else { return try take(Self.running, CShort(F_WRLCK)) }
    let count = Self.shardCounts + off_t(shard.count)
    guard try take(Self.running, CShort(F_RDLCK)),
      try !isHeld(Self.shardCounts, upTo: count),
      try !isHeld(count + 1, upTo: Self.shardCounts << 1),
      try take(count, CShort(F_RDLCK))
    else { return false }
    return try take(Self.shardNumbers + off_t(shard.number), CShort(F_WRLCK))
  }

  /// Whether another process is that shard, of as many as we are.
  func isHeld(by shard: Shard?) throws(StoreError) -> Bool {
    guard let shard else { return false }
    let byte = Self.shardNumbers + off_t(shard.number)
    return try isHeld(byte, upTo: byte + 1)
  }

  private func isHeld(_ start: off_t, upTo end: off_t) throws(StoreError) -> Bool {
    guard start < end else { return false }
    var request = flock()
    request.l_type = CShort(F_WRLCK)
    request.l_whence = CShort(SEEK_SET)
    request.l_start = start
    request.l_len = end - start
    guard retryingInterrupts({ unsafe fcntl(descriptor, Self.getLock, &request) }) == 0 else {
      throw .system("lock", layout.lock)
    }
    return request.l_type != CShort(F_UNLCK)
  }

  /// Throws where the folder is no longer the one in which the lock lies.
  func checkFolder() throws(StoreError) {
    var own = stat()
    guard unsafe fstat(descriptor, &own) == 0, let there = fileStatus(of: layout.lock),
      there.st_ino == own.st_ino, there.st_dev == own.st_dev
    else { throw .replaced(path: layout.path.description) }
  }

  private func take(_ offset: off_t, _ kind: CShort) throws(StoreError) -> Bool {
    var request = flock()
    request.l_type = kind
    request.l_whence = CShort(SEEK_SET)
    request.l_start = offset
    request.l_len = 1
    let result = retryingInterrupts { unsafe fcntl(descriptor, Self.setLock, &request) }
    if result == 0 { return true }
    if errno == EAGAIN || errno == EACCES { return false }
    throw .system("lock", layout.lock)
  }

  // `F_OFD_SETLK` and `F_OFD_GETLK`, which the toolchain's modules leave out: locks that belong to the open
  // file, and not to the process, which would lose them whenever any code in it closes the file.
  #if canImport(Darwin)
  private static let setLock: CInt = 90
  private static let getLock: CInt = 92
  #else
  private static let setLock: CInt = 37
  private static let getLock: CInt = 36
  #endif
}
