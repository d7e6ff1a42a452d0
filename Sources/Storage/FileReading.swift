package import EmbedderPlatform

/// Reads a whole file into memory of its own.
///
/// The bytes are copied, never mapped: nobody who truncates or rewrites the file afterwards can reach
/// them. Pipes are read to their end, if there is somebody who writes to them.
///
/// - Parameters:
///   - path: The file's path, absolute or relative to the working directory.
///   - limit: The largest accepted number of bytes.
///   - writerTimeout: How many milliseconds a named pipe may be without anybody who writes to it.
///   - isWanted: Told the first bytes, at least 512 where there are as many; where it says no, the rest is
///     not read.
/// - Returns: The file's bytes, at least one, or `nil` for a file that is not wanted.
/// - Throws: ``FileError``, which names the path.
package func readFile(
  at path: PathBytes, limit: Int, writerTimeout: CInt = 10_000, where isWanted: (RawSpan) -> Bool
) throws(FileError) -> AlignedBuffer? {
  let file = try openInput(at: path, writerTimeout: writerTimeout)
  defer { close(file.descriptor) }
  return try readToEnd(
    of: file.descriptor, path: path.description, expecting: file.byteCount ?? 0, limit: limit,
    where: isWanted)
}

/// Opens a file whose bytes are to be read: a regular one, a pipe that somebody writes to, or a socket.
///
/// - Parameters:
///   - path: The file's path, absolute or relative to the working directory.
///   - writerTimeout: How many milliseconds a named pipe may be without anybody who writes to it.
/// - Returns: The descriptor, which is the caller's to close, and a regular file's size.
/// - Throws: ``FileError``, which names the path.
package func openInput(
  at path: PathBytes, writerTimeout: CInt = 10_000
) throws(FileError) -> (descriptor: CInt, byteCount: Int?) {
  let bytes = path
  let path = bytes.description
  guard !bytes.bytes.isEmpty, !bytes.bytes.contains(0) else {
    throw .invalidPath(path: path)
  }
  // Opening a named pipe would wait for its writer, and for ever where there is none.
  let descriptor = retryingInterrupts {
    unsafe bytes.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
  }
  guard descriptor >= 0 else {
    throw systemError(path, "open")
  }
  do throws(FileError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw systemError(path, "examine")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return (descriptor, Int(status.st_size))
    case S_IFIFO:
      guard hasWriter(bytes, descriptor, timeout: writerTimeout) else {
        throw .noWriter(path: path)
      }
    case S_IFSOCK: break
    case S_IFDIR: throw .notAFile(path: path, kind: "a folder")
    default: throw .notAFile(path: path, kind: "a device")
    }
    // Somebody writes, perhaps not yet: from now on reading waits.
    guard fcntl(descriptor, F_SETFL, 0) == 0 else { throw systemError(path, "examine") }
  } catch {
    close(descriptor)
    throw error
  }
  return (descriptor, nil)
}

/// Whether somebody writes to a named pipe, or has written and gone.
private func hasWriter(_ path: PathBytes, _ descriptor: CInt, timeout: CInt) -> Bool {
  // A pipe is ready when there is something to read, or its last writer has gone.
  var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  if retryingInterrupts({ unsafe poll(&request, 1, timeout) }) > 0 { return true }
  // A writer that is silent looks like none, until another has come and gone: ourselves.
  let writer = unsafe path.withCString { unsafe open($0, O_WRONLY | O_CLOEXEC | O_NONBLOCK) }
  guard writer >= 0 else { return true }
  close(writer)
  return retryingInterrupts { unsafe poll(&request, 1, 0) } == 0
}

/// Reads a whole file, whatever it begins with.
package func readFile(at path: PathBytes, limit: Int) throws(FileError) -> AlignedBuffer {
  guard let file = try readFile(at: path, limit: limit, where: { _ in true }) else {
    throw .empty(path: path.description)
  }
  return file
}

/// What the system says of a file, or of what a link leads to; `nil` where there is nothing.
package func fileStatus(of path: PathBytes, followsLinks: Bool = true) -> stat? {
  var status = stat()
  let result = unsafe path.withCString { path in
    unsafe followsLinks ? stat(path, &status) : lstat(path, &status)
  }
  return result == 0 ? status : nil
}

/// Has the system begin to read a file, up to its first 64 MB, for somebody who reads it soon.
///
/// Nothing happens where the path leads to no regular file or the system has no such function.
package func readFileAhead(at path: PathBytes) {
  // To open a pipe, even for a moment, would disturb who writes to it.
  guard let status = fileStatus(of: path), status.st_mode & S_IFMT == S_IFREG else { return }
  let descriptor = retryingInterrupts {
    unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
  }
  guard descriptor >= 0 else { return }
  defer { close(descriptor) }
  let byteCount = min(Int(status.st_size), 64 << 20)
  #if canImport(Darwin)
  var advice = radvisory(ra_offset: 0, ra_count: CInt(byteCount))
  _ = unsafe fcntl(descriptor, F_RDADVISE, &advice)
  #else
  _ = posix_fadvise(descriptor, 0, off_t(byteCount), POSIX_FADV_WILLNEED)
  #endif
}

/// Reads to the end of `descriptor`, growing only when there is more than was expected.
private func readToEnd(
  of descriptor: CInt, path: String, expecting expected: Int, limit: Int,
  where isWanted: (RawSpan) -> Bool
) throws(FileError) -> AlignedBuffer? {
  let startByteCount = 512
  // One byte more than expected, so that the end of a regular file is seen without growing. What is too
  // large may still not be wanted, which costs no memory and is no error.
  var buffer = try allocate(max(expected > limit ? 0 : expected, 4095) + 1, path)
  var count = 0
  var isJudged = false
  while true {
    if count == buffer.byteCount {
      var larger = try allocate(count * 2, path)
      unsafe larger.withUnsafeMutableBytes { target in
        unsafe buffer.bytes.withUnsafeBytes { source in unsafe target.copyMemory(from: source) }
      }
      buffer = larger
    }
    let received = unsafe buffer.withUnsafeMutableBytes { target in
      // Up to a page at first: a large file that is not wanted costs no more.
      let end = isJudged ? target.count : min(target.count, max(count + 1, 4096))
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[count..<end])
      return retryingInterrupts { unsafe read(descriptor, rest.baseAddress, rest.count) }
    }
    guard received >= 0 else {
      throw systemError(path, "read")
    }
    count += received
    if !isJudged, received == 0 || count >= startByteCount {
      guard count == 0 || isWanted(buffer.bytes.extracting(first: count)) else { return nil }
      isJudged = true
    }
    if isJudged, max(count, expected) > limit {
      throw .tooLarge(path: path, byteCount: max(count, expected), limit: limit)
    }
    if received == 0 { break }
  }
  guard count > 0 else {
    throw .empty(path: path)
  }
  buffer.truncate(to: count)
  return buffer
}

private func allocate(_ byteCount: Int, _ path: String) throws(FileError) -> AlignedBuffer {
  do {
    return try AlignedBuffer(byteCount: byteCount)
  } catch {
    throw .outOfMemory(path: path, error)
  }
}

/// Calls a system function again for as long as a signal cuts it short.
package func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result >= 0 || errno != EINTR { return result }
  }
}

/// The failure of a system call, from the number that it left.
package func systemError(_ path: String, _ operation: String) -> FileError {
  let number = errno
  var reason = unsafe String(cString: strerror(number))
  if number == EFBIG { reason += "; raise the limit to the size of files (ulimit -f)" }
  return .system(path: path, operation: operation, errno: number, reason: reason)
}
