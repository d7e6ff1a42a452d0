import Dispatch
import Foundation

/// What became of a program that was run.
package struct CommandLineRun: Sendable {
  /// How it ended.
  package enum Ending: Hashable, Sendable {
    case exit(status: Int32)
    case signal(Int32)
  }

  package let ending: Ending
  /// What it wrote to the standard output; empty where that led elsewhere.
  package let standardOutput: [UInt8]
  /// What it wrote to the standard error.
  package let standardError: String

  /// The standard output as text.
  package var output: String { String(decoding: standardOutput, as: UTF8.self) }

  /// The lines of the standard error; the last ends with a newline too.
  package var errorLines: [String] {
    standardError.isEmpty ? [] : Self.lines(of: standardError)
  }

  /// The lines of the standard output.
  package var outputLines: [String] { standardOutput.isEmpty ? [] : Self.lines(of: output) }

  private static func lines(of text: String) -> [String] {
    // By bytes: for Swift's characters CR LF is one, and no newline.
    let bytes = text.hasSuffix("\n") ? text.utf8.dropLast() : text.utf8[...]
    return bytes.split(separator: 10, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

/// Calls `body` on a thread that blocks no signals: a new process inherits what its maker blocks, and
/// the threads that tests run on block many.
private func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
  var none = sigset_t()
  var former = sigset_t()
  unsafe sigemptyset(&none)
  unsafe pthread_sigmask(SIG_SETMASK, &none, &former)
  defer { unsafe pthread_sigmask(SIG_SETMASK, &former, nil) }
  try body()
}

/// Runs `image-embedder` as a user would, in a process of its own.
package enum CommandLineRunner {
  /// The program, which is built beside the tests.
  package static let program: String = {
    let runner = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return runner.resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "image-embedder").path
  }()

  /// Runs a program to its end; one that takes minutes is killed.
  ///
  /// - Parameters:
  ///   - executable: The program; `image-embedder` by default.
  ///   - arguments: What follows its name.
  ///   - environment: Variables that are set, or unset where the value is `nil`, beside those of the
  ///     tests.
  ///   - folder: The working directory.
  ///   - input: What it reads from the standard input.
  ///   - outputPath: Where its standard output leads, in place of the result.
  ///   - whileRunning: What happens meanwhile; given the process's number.
  /// - Returns: What it wrote and how it ended.
  /// - Throws: What the system says where the program cannot be started.
  package static func run(
    executable: String = program, _ arguments: [String], environment: [String: String?] = [:],
    folder: String? = nil, input: [UInt8] = [], outputPath: String? = nil,
    whileRunning: (Int32) throws -> Void = { _ in }
  ) throws -> CommandLineRun {
    try withTemporaryFolder { scratch in
      // Files and not pipes: nobody has to read them while the program runs.
      try write(input, to: "\(scratch)/input")
      try write([], to: "\(scratch)/output")
      try write([], to: "\(scratch)/error")
      let process = Process()
      process.executableURL = URL(filePath: executable)
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment
        .merging(environment.compactMapValues(\.self)) { $1 }
        .filter { environment[$0.key] != .some(nil) }
      if let folder { process.currentDirectoryURL = URL(filePath: folder) }
      let outputURL = URL(filePath: outputPath ?? "\(scratch)/output")
      process.standardInput = try FileHandle(
        forReadingFrom: URL(filePath: "\(scratch)/input"))
      process.standardOutput = try FileHandle(forWritingTo: outputURL)
      process.standardError = try FileHandle(forWritingTo: URL(filePath: "\(scratch)/error"))
      try withoutBlockedSignals { try process.run() }
      let number = process.processIdentifier
      // With its children: each program leads a process group of its own.
      let watchdog = DispatchWorkItem { kill(-number, SIGKILL) }
      DispatchQueue.global().asyncAfter(deadline: .now() + 120, execute: watchdog)
      defer { watchdog.cancel() }
      try whileRunning(number)
      process.waitUntilExit()

      let status = process.terminationStatus
      return CommandLineRun(
        ending: process.terminationReason == .exit ? .exit(status: status) : .signal(status),
        standardOutput: try contents(of: "\(scratch)/output"),
        standardError: String(decoding: try contents(of: "\(scratch)/error"), as: UTF8.self))
    }
  }

  /// Runs a line of shell in which `$PROGRAM` is `image-embedder` and `$1`, `$2` … are `arguments`.
  package static func shell(
    _ line: String, _ arguments: [String] = [], folder: String? = nil
  ) throws -> CommandLineRun {
    try run(
      executable: "/bin/sh", ["-c", line, "sh"] + arguments, environment: ["PROGRAM": program],
      folder: folder)
  }
}
