import Dispatch
import EmbedderTestSupport
import Foundation
import Testing

@Suite("A run that is sent a signal", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct InterruptionTests {
  /// Runs `embed` on two pictures, of which the second comes only after a signal was sent.
  ///
  /// - Parameters:
  ///   - folder: Where the output `v.jsonl` goes.
  ///   - signal: The signal.
  ///   - preparation: Shell commands that come before.
  /// - Returns: The run.
  /// - Throws: What the system says.
  static func run(
    in folder: String, sending signal: Int32, preparation: String = ""
  ) throws -> CommandLineRun {
    let picture = try Pictures.writeFiles(1, in: folder)[0]
    let pipe = "\(folder)/waiting.png"
    try #require(unsafe mkfifo(pipe, 0o600) == 0)
    // Should the program never open the pipe, then neither does the test wait for it for ever.
    let release = DispatchWorkItem { close(unsafe open(pipe, O_RDONLY | O_NONBLOCK)) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: release)
    defer { release.cancel() }
    return try CommandLineRunner.run(
      executable: "/bin/sh",
      [
        "-c", preparation + #"exec "$PROGRAM" embed "$@" waiting.png --output v.jsonl"#, "sh",
        picture, "--model", Fixtures.model("constant_3_4"),
      ], environment: ["PROGRAM": CommandLineRunner.program], folder: folder
    ) { process in
      // Returns when the program has opened the other end: by then its output has been begun.
      let writer = try #require(FileHandle(forWritingAtPath: pipe))
      #expect(kill(process, signal) == 0)
      if preparation != "" {
        // With a reader of our own: should the program be gone, writing must not end the tests.
        let reader = try #require(FileHandle(forReadingAtPath: pipe))
        try writer.write(contentsOf: Data(contents(of: picture)))
        try reader.close()
      }
      try writer.close()
    }
  }

  @Test("ends, and leaves no output behind", arguments: [SIGINT, SIGTERM, SIGHUP])
  func ending(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(in: folder, sending: signal)
      #expect(run.ending == .exit(status: 128 + signal) || run.ending == .signal(signal))
      #expect(run.standardOutput == [])
      let left = try names(in: folder)
      #expect(left == ["picture 0.png", "waiting.png"])
    }
  }

  @Test(
    "goes on where its caller wants the signal ignored",
    arguments: [(SIGINT, "INT"), (SIGTERM, "TERM"), (SIGHUP, "HUP")])
  func ignoring(signal: Int32, name: String) throws {
    try withTemporaryFolder { folder in
      let run = try Self.run(
        in: folder, sending: signal, preparation: "trap '' \(name); ")
      let left = try names(in: folder)
      run.expectSuccess()
      #expect(left == ["picture 0.png", "v.jsonl", "v.jsonl.run.json", "waiting.png"])
    }
  }
}
