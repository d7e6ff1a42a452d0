import ImageEmbedding

/// Tells on the standard error how far each stage of some work has come: a line that is drawn again on a
/// terminal, a line a stage elsewhere if it is asked for.
struct StageProgress {
  private let isVerbose: Bool
  private var lastShown = ContinuousClock.now
  private var stage: String?
  private var isShown = false

  init(isVerbose: Bool) {
    self.isVerbose = isVerbose
  }

  mutating func show(_ stage: String, _ done: Int, _ total: Int) {
    if ProgressDisplay.isTerminal {
      guard .now - lastShown >= .milliseconds(100) else { return }
      lastShown = .now
      let share = total > 0 ? done * 100 / total : 100
      writeToStandardError("\r\(stage): \(share) %\u{1b}[K")
      isShown = true
    } else if isVerbose, stage != self.stage {
      self.stage = stage
      writeToStandardError("image-embedder: \(stage)\n")
    }
  }

  /// Clears the line, so that another can be written.
  mutating func clear() {
    if isShown { writeToStandardError("\r\u{1b}[K") }
    isShown = false
  }
}
