import EmbedderTestSupport
import Foundation
import Testing

/// A mount namespace of its own, which only the superuser can make.
enum OwnMounts {
  static let absence: Comment = "hiding /proc needs root on Linux, and unshare"

  static let arePossible =
    (try? CommandLineRunner.shell("unshare -m true"))?.ending == .exit(status: 0)
}

@Suite("Standard streams", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct StreamTests {
  static let model = Fixtures.model("identity_uint8_8x6")

  // MARK: What the program is started with

  @Test(
    "Without /proc the arguments are what they are",
    .enabled(if: OwnMounts.arePossible, OwnMounts.absence))
  func withoutProc() throws {
    try Pictures.withPicture { folder, picture in
      let hidden =
        #"mkdir -p empty; exec unshare -m sh -c 'mount --bind empty /proc; exec "$@"' sh "$PROGRAM" "#
      let wrong = try CommandLineRunner.shell(hidden + "no-such-command", folder: folder)
      #expect(wrong.ending == .exit(status: 64))
      #expect(wrong.standardError.contains("no-such-command"))
      let info = try CommandLineRunner.shell(
        hidden + #"embed "$1" --model "$2""#, [picture, Self.model], folder: folder)
      // Whether the runtime can do without is its business; what is printed is no help.
      #expect(!info.output.contains("USAGE"))
      #expect(info.ending == .exit(status: 0) || info.standardError.contains("/proc is not there"))
    }
  }

  @Test("Closed descriptors are never those of outputs")
  func closedDescriptors() throws {
    struct Failed: Decodable {
      let status: String
    }
    try Pictures.withPicture { folder, picture in
      try write(Array("text".utf8), to: "\(folder)/bad.png")
      let run = try CommandLineRunner.shell(
        #""$PROGRAM" embed "$1" bad.png --output out --model "$2" <&- >&- 2>&-"#,
        [picture, Self.model], folder: folder)
      #expect(run.ending == .exit(status: 2))
      let lines = try text(of: "\(folder)/out/failures.jsonl").split(separator: "\n")
      #expect(try decodeJSON(lines.map(String.init), as: Failed.self).map(\.status) == ["failed"])
      #expect(try ReadFolder("\(folder)/out").rows.count == 1)
    }
  }

  @Test("A limit to the size of files is one sentence, and nothing of the output is left")
  func fileSizeLimit() throws {
    try Pictures.withPicture { folder, picture in
      // The record beside the rows fits, which is written first.
      let run = try CommandLineRunner.shell(
        #"ulimit -f 8; exec "$PROGRAM" embed "$1" "$1" "$1" --output v.jsonl --model "$2""#,
        [picture, Fixtures.model("identity_uint8_32x24")], folder: folder)
      run.expectStop(naming: ["'v.jsonl'", "File too large", "ulimit -f"])
      #expect(try names(in: folder) == ["picture 0.png"])
    }
  }

  @Test("Temporary files of runs that were killed go with the next run, and nobody else's do")
  func abandonedFiles() throws {
    try withTemporaryFolder { folder in
      let others = [
        "v.jsonl.partial", "v.jsonl.1-x.partial", "w.jsonl.1-2.partial", "v.jsonl.1-2-3.partial",
        "v.jsonl.12.partial",
      ]
      for name in others { try write([1], to: "\(folder)/\(name)") }
      let killed = try StoppingTests.run(in: folder, ["--output", "v.jsonl"]) { process in
        // While it runs, another of the same output leaves its file alone.
        let own = try names(in: folder).filter { $0.hasPrefix("v.jsonl") && !others.contains($0) }
        #expect(own.count == 1)
        try imageEmbedder(
          ["embed", "picture 1.png", "--output", "v.jsonl", "--model", Self.model], folder: folder
        ).expectSuccess()
        #expect(try names(in: folder).contains(own[0]))
        #expect(kill(process, SIGKILL) == 0)
      }
      #expect(killed.ending == .signal(SIGKILL))
      try imageEmbedder(
        ["embed", "picture 0.png", "--output", "v.jsonl", "--model", Self.model], folder: folder
      ).expectSuccess()
      let left = try names(in: folder).filter { !$0.hasPrefix("picture") && $0 != "waiting.png" }
      #expect(left == (others + ["v.jsonl", "v.jsonl.run.json"]).sorted())
    }
  }

  // MARK: Lists

  @Test("A list on the standard input is answered path by path", arguments: ["jsonl", "csv"])
  func coprocess(format: String) throws {
    try Pictures.withPicture { folder, picture in
      // The second path is only written when the first row has been read.
      let run = try CommandLineRunner.shell(
        #"""
        mkfifo in out; "$PROGRAM" embed - --format "$3" --model "$2" <in >out & exec 3>in 4<out
        [ "$3" = jsonl ] || read -r names <&4
        for number in 1 2 3; do echo "$1" >&3; read -r row <&4; echo "${row%%png*}"; done
        exec 3>&-; wait $!
        """#, [picture, Self.model, format], folder: folder)
      run.expectSuccess()
      #expect(run.outputLines.count == 3)
      #expect(run.outputLines.allSatisfy { $0.hasSuffix("picture 0.") })
    }
  }

  @Test(
    "A list that is none says what it is",
    arguments: [
      ("tar cf - .", "a tar archive"), ("gzip -c 'picture 0.png'", "compressed by gzip"),
      ("cat 'picture 0.png'", "a PNG image"), (#"printf 'a.png\0b.png\0'"#, "--null"),
    ])
  func noList(command: String, kind: String) throws {
    try Pictures.withPicture { folder, _ in
      let run = try CommandLineRunner.shell(
        command + #" | "$PROGRAM" embed - --model "$1""#, [Self.model], folder: folder)
      #expect(run.ending == .exit(status: 2))
      #expect(run.errorLines[0].contains("the list of paths '-'"))
      #expect(run.errorLines[0].contains(kind))
      #expect(run.errorLines.count == 2)
    }
  }

  // MARK: Descriptors that do not wait

  @Test("A pipe that somebody has set non-blocking takes all rows")
  func nonBlockingOutput() throws {
    try Pictures.withPicture { _, picture in
      let process = Process()
      let output = Pipe()
      let descriptor = output.fileHandleForWriting.fileDescriptor
      try #require(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
      process.executableURL = URL(filePath: CommandLineRunner.program)
      process.arguments =
        ["embed", "--model", Fixtures.model("identity_uint8_224x224")]
        + Array(repeating: picture, count: 3)
      process.standardOutput = output
      process.standardInput = FileHandle.nullDevice
      try process.run()
      try output.fileHandleForWriting.close()
      // The first row alone is longer than what a pipe holds.
      try waitUntil {
        var count: CInt = 0
        let reader = output.fileHandleForReading.fileDescriptor
        return unsafe ioctl(reader, UInt(FIONREAD), &count) == 0 && count >= 1 << 16
          || !process.isRunning
      }
      let rows = try output.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(rows.count { $0 == 0x0a } == 3)
    }
  }
}
