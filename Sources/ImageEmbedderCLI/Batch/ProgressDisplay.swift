import ImageEmbedding

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tells on the standard error how far a run has come: a bar on a terminal, a line now and then
/// elsewhere if it is asked for.
struct ProgressDisplay {
  private enum Style {
    case bar
    case lines
    case none
  }

  private let style: Style
  private let total: InputTotal?
  private var lastShown = ContinuousClock.now
  private var isBarShown = false

  /// - Parameters:
  ///   - isVerbose: Whether lines are wanted where there is no terminal.
  ///   - total: The number of inputs, as far as it is known.
  init(isVerbose: Bool, total: InputTotal?) {
    style = isatty(STDERR_FILENO) == 1 ? .bar : isVerbose ? .lines : .none
    self.total = total
  }

  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Shows how far the run is, if it is time to.
  mutating func show(_ tally: Tally) {
    let interval: Duration = style == .bar ? .milliseconds(100) : .seconds(5)
    guard style != .none, .now - lastShown >= interval else { return }
    lastShown = .now
    switch style {
    case .bar:
      draw(tally)
    case .lines:
      report(text(tally))
    case .none:
      break
    }
  }

  /// Clears the bar, so that a line can be written.
  mutating func clear() {
    guard isBarShown else { return }
    writeToStandardError("\r\u{1b}[K")
    isBarShown = false
  }

  private mutating func draw(_ tally: Tally) {
    var bar = ""
    if let total = total?.value, total > 0 {
      let width = 20
      let filled = min(width, tally.count * width / total)
      bar =
        "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        + "] "
    }
    writeToStandardError("\r" + (bar + text(tally)).prefix(terminalWidth - 1) + "\u{1b}[K")
    isBarShown = true
  }

  private func text(_ tally: Tally) -> String {
    var parts = ["\(fixed(tally.imagesPerSecond, decimals: 1)) images/s"]
    var done = "\(tally.count)"
    if let total = total?.value {
      done += "/\(total)"
      let left = Double(max(0, total - tally.count))
      let rate = Double(tally.count) / max(tally.elapsed.seconds, 1e-9)
      if rate > 0 { parts.append("\(duration(left / rate)) left") }
    }
    if tally.failedCount > 0 { parts.append("\(tally.failedCount) failed") }
    return ([done] + parts).joined(separator: ", ")
  }

  private func duration(_ seconds: Double) -> String {
    let seconds = Int(seconds.rounded(.up))
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return seconds < 3600
      ? "\(seconds / 60):\(two(seconds % 60))"
      : "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
  }

  private var terminalWidth: Int {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else {
      return 80
    }
    return Int(size.ws_col)
  }
}
