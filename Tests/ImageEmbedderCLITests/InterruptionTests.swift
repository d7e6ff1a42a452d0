import Dispatch
import Foundation
import TestSupport
import Testing

@Suite("A run that is ended", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
struct InterruptionTests {
  @Test("by a signal leaves no output behind", arguments: [SIGINT, SIGTERM])
  func signals(signal: Int32) throws {
    try Pictures.withPicture { folder, picture in
      let pipe = "\(folder)/waiting.png"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      // Should the program never open the pipe, then neither does the test wait for it for ever.
      let release = DispatchWorkItem { close(unsafe open(pipe, O_RDONLY | O_NONBLOCK)) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: release)
      defer { release.cancel() }
      let run = try CommandLineRunner.run(
        [
          "embed", picture, "waiting.png", "--output", "v.jsonl", "--model",
          Fixtures.model("constant_3_4"),
        ], folder: folder
      ) { process in
        // Returns when the program has opened the other end: by then its output has been begun.
        let writer = try #require(FileHandle(forWritingAtPath: pipe))
        #expect(kill(process, signal) == 0)
        try writer.close()
      }
      #expect(run.ending == .exit(status: 128 + signal) || run.ending == .signal(signal))
      #expect(run.standardOutput == [])
      let left = try names(in: folder)
      #expect(left == ["picture 0.png", "waiting.png"])
    }
  }
}
