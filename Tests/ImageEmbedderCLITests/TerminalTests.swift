import EmbedderTestSupport
import Foundation
import Testing

/// A terminal, as the program `script` makes one.
enum Terminal {
  static let absence: Comment = "the program script of util-linux is missing"

  static let isPossible =
    (try? CommandLineRunner.shell("script -qec true /dev/null </dev/null"))?.ending
    == .exit(status: 0)

  /// Runs `embed` on three pictures, the last of which comes when the terminal shows `awaited`.
  ///
  /// - Returns: What the terminal was sent.
  static func run(
    _ options: String, terminal: String, columns: Int, awaiting awaited: String,
    then signal: String? = nil
  ) throws -> String {
    try withTemporaryFolder { folder in
      let pictures = try Pictures.writeFiles(3, in: folder)
      let pipe = "\(folder)/waiting.png"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      let model = Fixtures.model("identity_uint8_8x6")
      let embed =
        #"stty cols \#(columns); exec "$PROGRAM" embed 'picture 0.png' 'picture 1.png' waiting.png"#
        + " --model '\(model)' \(options)"
      let run = try CommandLineRunner.run(
        executable: "/bin/sh",
        ["-c", #"exec script -qefc "$1" typescript </dev/null"#, "sh", embed],
        environment: ["PROGRAM": CommandLineRunner.program, "TERM": terminal], folder: folder
      ) { _ in
        let writer = try #require(FileHandle(forWritingAtPath: pipe))
        let reader = try #require(FileHandle(forReadingAtPath: pipe))
        try waitUntil { try text(of: "\(folder)/typescript").contains(awaited) }
        if let signal {
          let ended = try CommandLineRunner.shell(
            #"for p in /proc/[0-9]*; do tr '\0' ' ' <$p/cmdline | grep -q "^$PROGRAM .*waiting" && [ "$(readlink $p/cwd)" = "$(pwd -P)" ] && kill -"$1" "${p#/proc/}" && kill -"$1" "${p#/proc/}"; done; true"#,
            [signal], folder: folder)
          try #require(ended.ending == .exit(status: 0))
        } else {
          try writer.write(contentsOf: Data(contents(of: pictures[2])))
        }
        try reader.close()
        try writer.close()
      }
      #expect(run.ending != .signal(SIGKILL))
      let sent = try text(of: "\(folder)/typescript")
      // `script` frames what the terminal was sent by lines of its own.
      return sent.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("Script done") }
        .joined(separator: "\n")
    }
  }

  /// The lines that are seen in the end, where each begins anew after a carriage return.
  static func seen(_ sent: String) -> [String] {
    sent.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let parts = line.unicodeScalars.split(separator: "\r").map { String($0) }
      return (parts.last ?? "").replacing("\u{1b}[K", with: "")
    }
  }
}

@Suite(
  "On a terminal", .enabled(if: Fixtures.hasLiteRt, Absence.runtime),
  .enabled(if: Terminal.isPossible, Terminal.absence))
struct TerminalTests {
  @Test(
    "progress has whole numbers, however narrow it is", arguments: [(20, "2/3"), (80, "2/3, ")])
  func narrow(columns: Int, shown: String) throws {
    let sent = try Terminal.run(
      "--output v.jsonl", terminal: "xterm", columns: columns, awaiting: shown)
    let bars = sent.unicodeScalars.split(separator: "\r").map { String($0) }
      .filter { $0.hasSuffix("\u{1b}[K") }.map { $0.dropLast(3) }
    #expect(bars.allSatisfy { $0.count < columns })
    let whole = /(\[[#.]{20}\] )?\d(\/3)?(, \d+\.\d images\/s)?(, \d+:\d\d left)?/
    #expect(try bars.allSatisfy { try $0.isEmpty || whole.wholeMatch(in: $0) != nil })
    #expect(bars.contains { $0.contains("2/3") })
    #expect(!Terminal.seen(sent).contains { $0.contains("2/3") })
  }

  @Test("of the kind dumb there are no escape codes")
  func dumb() throws {
    let sent = try Terminal.run(
      "missing.png --output v.jsonl", terminal: "dumb", columns: 80, awaiting: "Script started")
    #expect(!sent.contains("\u{1b}"))
    #expect(sent.contains("3 embedded, 1 failed"))
  }

  @Test("no bar is left behind by a signal that ends the program at once")
  func signal() throws {
    let sent = try Terminal.run(
      "--output v.jsonl", terminal: "xterm", columns: 80, awaiting: "2/3", then: "TERM")
    #expect(!Terminal.seen(sent).contains { $0.contains("2/3") })
  }

  @Test("rows are not mixed with a bar")
  func rows() throws {
    let sent = try Terminal.run("", terminal: "xterm", columns: 80, awaiting: "picture 1.png")
    #expect(!sent.contains("\u{1b}"))
    #expect(sent.contains(#""path":"waiting.png""#))
  }
}

@Suite("--resume with nothing to do", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct NothingToDoTests {
  @Test("says so")
  func nothing() throws {
    try Pictures.withPicture { folder, picture in
      let arguments = [
        "embed", picture, "--output", "out", "--resume", "--model",
        Fixtures.model("identity_uint8_8x6"),
      ]
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      try imageEmbedder(arguments, folder: folder).expectSuccess()
      let run = try imageEmbedder(arguments + ["--verbose"], folder: folder)
      #expect(run.ending == .exit(status: 0))
      #expect(
        run.errorLines.last
          == "image-embedder: there is nothing to do: the vectors of 1 image are there")
    }
  }
}
