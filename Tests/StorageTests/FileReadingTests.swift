import EmbedderStorage
import EmbedderTestSupport
import Foundation
import Testing

@Suite("Reading files")
struct FileReadingTests {
  private static let largeLimit = 1 << 20

  @Test("gives all bytes of a file", arguments: [1, 4095, 4096, 4097, 100_000])
  func regularFile(count: Int) throws {
    var generator = SeededGenerator(seed: UInt64(count))
    let content = generator.bytes(count)
    try withTemporaryFolder { folder in
      try write(content, to: "\(folder)/file")
      #expect(try read("\(folder)/file") == content)
    }
  }

  @Test("keeps bytes that nobody can reach through the file any more")
  func independence() throws {
    let content = [UInt8](0..<200)
    try withTemporaryFolder { folder in
      try write(content, to: "\(folder)/file")
      let buffer = try readFile(at: PathBytes("\(folder)/file"), limit: Self.largeLimit)
      let handle = try #require(FileHandle(forWritingAtPath: "\(folder)/file"))
      try handle.truncate(atOffset: 0)
      try handle.close()
      let bytes = Array(copying: buffer.bytes)
      #expect(bytes == content)
    }
  }

  @Test("accepts a file of exactly the limit and refuses one byte more")
  func limit() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      try write([UInt8](0..<100), to: path)
      #expect(try read(path, limit: 100).count == 100)
      #expect(throws: FileError.tooLarge(path: path, byteCount: 100, limit: 99)) {
        try read(path, limit: 99)
      }
    }
  }

  @Test("does not take memory for a file far above the limit")
  func sparseFile() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      try write([1], to: path)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.truncate(atOffset: 1 << 42)
      try handle.close()
      #expect(throws: FileError.tooLarge(path: path, byteCount: 1 << 42, limit: 1 << 30)) {
        try read(path, limit: 1 << 30)
      }
    }
  }

  @Test("refuses an empty file")
  func emptyFile() throws {
    try withTemporaryFolder { folder in
      try write([], to: "\(folder)/file")
      #expect(throws: FileError.empty(path: "\(folder)/file")) { try read("\(folder)/file") }
    }
  }

  @Test("names the system's reason for a file that cannot be opened")
  func systemErrors() throws {
    try withTemporaryFolder { folder in
      try write([1], to: "\(folder)/file")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/loop", withDestinationPath: "loop")
      let longName = String(repeating: "x", count: 300)
      for (path, number) in [
        ("\(folder)/missing", ENOENT), ("\(folder)/file/below", ENOTDIR),
        ("\(folder)/loop", ELOOP), ("\(folder)/\(longName)", ENAMETOOLONG),
      ] {
        let reason = unsafe String(cString: strerror(number))
        #expect(
          throws: FileError.system(path: path, operation: "open", errno: number, reason: reason)
        ) {
          try read(path)
        }
      }
    }
  }

  @Test("refuses a file without permission", .enabled(if: getuid() != 0, "root may read all files"))
  func permission() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/file"
      try write([1], to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
      let reason = unsafe String(cString: strerror(EACCES))
      #expect(
        throws: FileError.system(path: path, operation: "open", errno: EACCES, reason: reason)
      ) {
        try read(path)
      }
    }
  }

  @Test("refuses folders", arguments: ["/", "/tmp/.", "."])
  func folders(path: String) {
    #expect(throws: FileError.notAFile(path: path, kind: "a folder")) { try read(path) }
  }

  @Test("refuses devices, endless and empty", arguments: ["/dev/zero", "/dev/null"])
  func devices(path: String) {
    #expect(throws: FileError.notAFile(path: path, kind: "a device")) { try read(path) }
  }

  @Test("refuses what cannot be a path", arguments: ["", "\0", "/tmp\0/file", "file\0"])
  func invalidPaths(path: String) {
    #expect(throws: FileError.invalidPath(path: path)) { try read(path) }
  }

  @Test("reads a pipe to its end", arguments: [1, 4096, 5000])
  func pipe(count: Int) throws {
    var generator = SeededGenerator(seed: 7)
    let content = generator.bytes(count)
    #expect(try reading(pipeHolding: content) { try read($0) } == content)
  }

  @Test("refuses a pipe that ends at once")
  func emptyPipe() throws {
    try reading(pipeHolding: []) { path in
      #expect(throws: FileError.empty(path: path)) { try read(path) }
    }
  }

  @Test("stops reading a pipe that exceeds the limit")
  func endlessPipe() throws {
    try reading(pipeHolding: Array(repeating: 1, count: 60_000)) { path in
      #expect {
        try read(path, limit: 5000)
      } throws: { error in
        guard case .tooLarge(path, let byteCount, limit: 5000) = error as? FileError else {
          return false
        }
        return (5001...60_000).contains(byteCount)
      }
    }
  }

  @Test("reads a named pipe that is written while it is read")
  func namedPipe() throws {
    var generator = SeededGenerator(seed: 8)
    // More than a pipe holds at once.
    let content = generator.bytes(300_000)
    try withTemporaryFolder { folder in
      let path = "\(folder)/pipe"
      try #require(unsafe mkfifo(path, 0o600) == 0)
      Thread.detachNewThread {
        // Opening waits for the reader.
        guard let handle = FileHandle(forWritingAtPath: path) else { return }
        for start in stride(from: 0, to: content.count, by: 1000) {
          try? handle.write(contentsOf: Data(content[start..<start + 1000]))
        }
        try? handle.close()
      }
      #expect(difference(try read(path), content) == nil)
    }
  }

  @Test("does not wait for ever for somebody who writes to a named pipe")
  func abandonedPipe() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/pipe"
      try #require(unsafe mkfifo(path, 0o600) == 0)
      #expect(throws: FileError.noWriter(path: path)) {
        _ = try readFile(
          at: PathBytes(path), limit: Self.largeLimit, writerTimeout: 1, where: { _ in true })
      }
    }
  }

  @Test("waits for a writer of few words")
  func slowPipe() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/pipe"
      try #require(unsafe mkfifo(path, 0o600) == 0)
      // Nobody waits for the other side, and with a reader what is written stays.
      let reader = unsafe open(path, O_RDONLY | O_NONBLOCK)
      defer { close(reader) }
      let writer = try #require(FileHandle(forWritingAtPath: path))
      Thread.detachNewThread {
        try? writer.write(contentsOf: Data([7]))
        try? writer.close()
      }
      guard
        let buffer = try readFile(
          at: PathBytes(path), limit: Self.largeLimit, writerTimeout: 0, where: { _ in true })
      else {
        Issue.record("the pipe was not read")
        return
      }
      #expect(Array(copying: buffer.bytes) == [7])
    }
  }

  #if os(Linux)
  @Test("reads files that hold more than their size says")
  func growingFile() throws {
    // Files of /proc have the size 0, as a log has that grows while it is read.
    let path = "/proc/self/cmdline"
    #expect(try read(path) == contents(of: path))
    #expect(try read("/proc/self/maps").count > 4096)
    #expect {
      try read("/proc/self/maps", limit: 4096)
    } throws: { error in
      guard case .tooLarge(_, let byteCount, limit: 4096) = error as? FileError else {
        return false
      }
      return byteCount > 4096
    }
  }
  #endif

  @discardableResult
  private func read(_ path: String, limit: Int = largeLimit) throws -> [UInt8] {
    let buffer = try readFile(at: PathBytes(path), limit: limit)
    return Array(copying: buffer.bytes)
  }

  /// Calls `body` with the path of a pipe that holds `content` and has no writer any more.
  @discardableResult
  private func reading<Result>(
    pipeHolding content: [UInt8], _ body: (String) throws -> Result
  ) throws -> Result {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data(content))
    try pipe.fileHandleForWriting.close()
    defer { try? pipe.fileHandleForReading.close() }
    return try body("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
  }
}
