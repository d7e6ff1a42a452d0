import ArgumentParser
import EmbedderPlatform
import Synchronization

/// How the program ends.
///
/// `exit` takes the runtime apart, which no thread may still be using then. Where threads are left behind,
/// the process ends without.
enum ProgramEnd {
  private static let hasThreads = Atomic(false)

  /// Notes that threads are at work that will not end by themselves.
  static func leavesThreadsBehind() {
    hasThreads.store(true, ordering: .relaxed)
  }

  /// Ends the program, with what is to be said about an error.
  static func end<Command: ParsableCommand>(_ command: Command.Type, _ error: any Error) -> Never {
    RuntimeLog.restore()
    guard hasThreads.load(ordering: .relaxed) else { command.exit(withError: error) }
    let message = command.fullMessage(for: error)
    if !message.isEmpty { writeToStandardError(message + "\n") }
    _exit(command.exitCode(for: error).rawValue)
  }
}
