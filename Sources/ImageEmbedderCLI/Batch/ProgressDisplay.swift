import EmbedderPlatform
import ImageEmbedding
import Synchronization

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
  /// Also for the handler of a signal, which may end the program under the bar.
  private static let isBarShown = Atomic(false)

  /// - Parameters:
  ///   - isVerbose: Whether lines are wanted where there is no terminal.
  ///   - isWanted: Whether there is anything to show on a terminal.
  ///   - total: The number of inputs, as far as it is known.
  init(isVerbose: Bool, isWanted: Bool, total: InputTotal?) {
    _ = Self.isBarShown.load(ordering: .relaxed)
    _ = RuntimeLog.standardError
    style =
      Self.isTerminal && isWanted
      ? Self.hasEscapeCodes ? .bar : .lines : isVerbose ? .lines : .none
    self.total = total
  }

  static var isTerminal: Bool { isatty(RuntimeLog.standardError) == 1 }

  /// Whether the terminal can go back to the start of a line and clear it.
  private static var hasEscapeCodes: Bool {
    guard let name = unsafe getenv("TERM") else { return false }
    return unsafe strcmp(name, "dumb") != 0 && strcmp(name, "") != 0
  }

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
    guard Self.isBarShown.load(ordering: .relaxed) else { return }
    writeToStandardError("\r\u{1b}[K")
    Self.isBarShown.store(false, ordering: .relaxed)
  }

  /// Clears the bar from a signal's handler, before the program ends.
  static func clearAtOnce() {
    guard isBarShown.load(ordering: .relaxed) else { return }
    let code: StaticString = "\r\u{1b}[K"
    _ = unsafe write(RuntimeLog.standardError, code.utf8Start, code.utf8CodeUnitCount)
  }

  private mutating func draw(_ tally: Tally) {
    var bar: [String] = []
    var share: [String] = []
    if let total = total?.value, total > 0 {
      let width = 20
      let filled = min(width, tally.count * width / total)
      bar = [
        "[" + String(repeating: "#", count: filled)
          + String(repeating: ".", count: width - filled) + "] " + text(tally)
      ]
      share = ["\(tally.count * 100 / total) %"]
    }
    // What fits: a number that is cut is another number.
    let texts = bar + [text(tally), text(tally, isShort: true)] + share
    guard let text = texts.first(where: { $0.utf8.count < terminalWidth }) else { return }
    writeToStandardError("\r" + text + "\u{1b}[K")
    Self.isBarShown.store(true, ordering: .relaxed)
  }

  private func text(_ tally: Tally, isShort: Bool = false) -> String {
    var parts = ["\(fixed(tally.imagesPerSecond, decimals: 1)) images/s"]
    var done = "\(tally.count)"
    if let total = total?.value {
      done += "/\(total)"
      let left = Double(max(0, total - tally.count))
      let rate = Double(tally.count) / max(tally.elapsed.seconds, 1e-9)
      if rate > 0 { parts.append("\(duration(left / rate)) left") }
    }
    if isShort { return done }
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
    guard unsafe ioctl(RuntimeLog.standardError, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1
    else {
      return 80
    }
    return Int(size.ws_col)
  }
}
