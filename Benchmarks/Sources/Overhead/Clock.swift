import Foundation

/// What time is read from.
struct Clock {
  /// Whether only time counts in which this process had a processor.
  var isProcessorTime = false

  /// Seconds since some moment.
  var now: Double {
    var time = timespec()
    unsafe clock_gettime(isProcessorTime ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Runs every body once a round, in turns, so that whatever else the machine does hits all alike.
  ///
  /// Each round starts with another body. A body runs twice a turn and its second run is timed, so
  /// that it finds the caches as it left them, not as another did. The first rounds warm up and are
  /// forgotten.
  ///
  /// - Parameters:
  ///   - rounds: The number of rounds that count.
  ///   - warmUp: The number of rounds before them.
  ///   - bodies: What is measured.
  /// - Returns: For each body its seconds, round by round.
  /// - Throws: What a body throws.
  func measureInTurns(
    rounds: Int, warmUp: Int, _ bodies: [() throws -> Void]
  ) throws -> [[Double]] {
    var seconds = Array(repeating: Array(repeating: 0.0, count: rounds), count: bodies.count)
    for round in -warmUp..<rounds {
      for turn in bodies.indices {
        let index = (turn + abs(round)) % bodies.count
        try bodies[index]()
        let start = now
        try bodies[index]()
        let elapsed = now - start
        if round >= 0 { seconds[index][round] = elapsed }
      }
    }
    return seconds
  }
}
