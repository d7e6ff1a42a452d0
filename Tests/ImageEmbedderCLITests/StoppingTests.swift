import EmbedderTestSupport
import Foundation
import Testing

/// Looks until something holds: what another process does comes when it comes.
func waitUntil(_ condition: () throws -> Bool) throws {
  struct NeverCame: Error {}
  for _ in 0..<60_000 {
    if try condition() { return }
    _ = poll(nil, 0, 1)
  }
  throw NeverCame()
}

@Suite("Stopping", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct StoppingTests {
  /// Runs `embed` on a picture and a pipe named `waiting.png` in `folder`, calls `body` when the program has
  /// opened the pipe, and then writes a second picture to it.
  static func run(
    in folder: String, _ options: [String], preparation: String = "",
    when body: (_ process: Int32) throws -> Void
  ) throws -> CommandLineRun {
    let pictures = try Pictures.writeFiles(2, in: folder)
    let pipe = "\(folder)/waiting.png"
    if unsafe access(pipe, F_OK) != 0 { try #require(unsafe mkfifo(pipe, 0o600) == 0) }
    return try CommandLineRunner.run(
      ["embed", pictures[0], "waiting.png", "--model", Fixtures.model("identity_uint8_8x6")]
        + options, folder: folder
    ) { process in
      let writer = try #require(FileHandle(forWritingAtPath: pipe))
      // With a reader of our own: should the program be gone, writing must not end the tests.
      let reader = try #require(FileHandle(forReadingAtPath: pipe))
      try body(process)
      try writer.write(contentsOf: Data(contents(of: pictures[1])))
      try reader.close()
      try writer.close()
    }
  }

  /// The worker processes of a process.
  static func workers(of process: Int32) throws -> [Int32] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task").flatMap { thread in
      try text(of: "/proc/\(process)/task/\(thread)/children").split(separator: " ")
        .compactMap { Int32($0) }
    }
  }

  @Test(
    "with the signals of a terminal, which go to the whole process group, fails no image of --isolate",
    arguments: [SIGINT, SIGTERM, SIGHUP])
  func groupSignal(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(
        in: folder, ["--isolate", "--threads", "1", "--output", "out"]
      ) { process in
        #expect(kill(-process, signal) == 0)
      }
      #expect(run.ending == .exit(status: 128 + signal))
      #expect(try text(of: "\(folder)/out/failures.jsonl") == "")
      #expect(try ReadFolder("\(folder)/out").rows.count == 2)
      #expect(run.standardError.contains("the vectors of 2 images are kept in 'out'"))
      #expect(run.standardError.contains("--resume goes on"))
    }
  }

  @Test(
    "with the signals of a service manager, which go to every process, fails no image of --isolate")
  func everyProcess() throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(
        in: folder, ["--isolate", "--threads", "1", "--output", "out"]
      ) { process in
        let workers = try Self.workers(of: process)
        #expect(!workers.isEmpty)
        for number in [process] + workers { #expect(kill(number, SIGTERM) == 0) }
      }
      #expect(run.ending == .exit(status: 128 + SIGTERM))
      #expect(try text(of: "\(folder)/out/failures.jsonl") == "")
      #expect(try ReadFolder("\(folder)/out").rows.count == 2)
    }
  }

  @Test("of a worker by somebody else is no failure of the image", arguments: [SIGKILL, SIGQUIT])
  func killedWorker(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(in: folder, ["--isolate", "--threads", "1"]) { process in
        let workers = try Self.workers(of: process)
        #expect(!workers.isEmpty)
        for worker in workers { #expect(kill(worker, signal) == 0) }
      }
      run.expectSuccess()
      let expected = try imageEmbedder(
        [
          "embed", "picture 0.png", "picture 1.png", "--model",
          Fixtures.model("identity_uint8_8x6"),
        ],
        folder: folder)
      #expect(
        try run.json(JSONRow.self).map(\.components)
          == (try expected.json(JSONRow.self)).map(\.components))
    }
  }

  @Test("says that a file is not written, and how the work could be kept")
  func interruptedFile() throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(in: folder, ["--output", "v.jsonl", "--verbose"]) { process in
        #expect(kill(process, SIGTERM) == 0)
      }
      #expect(run.ending == .exit(status: 128 + SIGTERM))
      #expect(run.standardError.contains("interrupted by SIGTERM: 'v.jsonl' is not written"))
      #expect(run.standardError.contains("--output FOLDER"))
      #expect(!run.standardError.contains("embedded, "))
      #expect(try !names(in: folder).contains { $0.hasPrefix("v.jsonl") })
    }
  }

  // MARK: What stands still

  @Test("takes one signal where an input is a pipe whose writer is silent")
  func silentInput() throws {
    try withTemporaryFolder { folder in
      let picture = try Pictures.writeFiles(1, in: folder)[0]
      let pipe = "\(folder)/silent.png"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      var writer: FileHandle?
      defer { try? writer?.close() }
      let run = try CommandLineRunner.run(
        ["embed", picture, pipe, "--model", Fixtures.model("constant_3_4"), "--output", "out"],
        folder: folder
      ) { process in
        writer = FileHandle(forWritingAtPath: pipe)
        #expect(kill(process, SIGTERM) == 0)
      }
      #expect(run.ending == .exit(status: 128 + SIGTERM))
      #expect(run.standardError.contains("interrupted by SIGTERM"))
      // Nothing was lost: the picture before it has its row, or no row and no failure.
      let resumed = try imageEmbedder(
        [
          "embed", picture, "--model", Fixtures.model("constant_3_4"), "--output", "out",
          "--resume",
        ], folder: folder)
      #expect(resumed.ending == .exit(status: 0))
      #expect(try ReadFolder("\(folder)/out").rows.count == 1)
    }
  }

  @Test("takes one signal where nobody reads the output any longer")
  func stalledOutput() throws {
    try withTemporaryFolder { folder in
      let picture = try Pictures.writeFiles(1, in: folder)[0]
      let pipe = "\(folder)/output"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      let descriptor = unsafe open(pipe, O_RDWR)
      defer { close(descriptor) }
      let run = try CommandLineRunner.run(
        ["embed", "--model", Fixtures.model("identity_uint8_224x224")]
          + Array(repeating: picture, count: 3), outputPath: pipe
      ) { process in
        // The pipe is full: a row is longer than all that it holds.
        try waitUntil {
          var count: CInt = 0
          return unsafe ioctl(descriptor, UInt(FIONREAD), &count) == 0 && count >= 1 << 16
        }
        #expect(kill(process, SIGTERM) == 0)
      }
      #expect(run.ending == .exit(status: 128 + SIGTERM))
      #expect(run.standardError.contains("nobody reads the standard output any longer"))
    }
  }
}
