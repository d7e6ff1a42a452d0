import DuplicateFinding
import EmbedderImageFiles
import EmbedderPlatform
import EmbeddingStore
import ImageEmbedding

/// The pictures of groups as cards: what they look like, what their files are, and how they differ from the one
/// that is best kept.
struct DuplicateCards {
  private let report: DuplicateReport
  private let thumbnails = PageThumbnails(longestSide: 320)
  private let pairs: [[Int]: DuplicateReport.Pair]
  /// The most pictures that are shown of one group; further ones have their words alone.
  private static let mostShown = 60

  init(_ report: DuplicateReport) {
    self.report = report
    pairs = Dictionary(report.pairs.map { ([$0.a, $0.b], $0) }) { first, _ in first }
  }

  /// A picture's card.
  ///
  /// - Parameters:
  ///   - number: The picture.
  ///   - group: The group that it is shown in.
  ///   - place: Its place there, from 0.
  ///   - isMovable: Whether it can be marked.
  /// - Returns: The item of the list.
  func element(
    _ number: Int, of group: DuplicateReport.Group, place: Int, isMovable: Bool
  ) -> String {
    let picture = report.pictures[number]
    let name = picture.path.name
    let folder = PathBytes(picture.path.bytes.dropLast(name.bytes.count))
    let shown =
      place < Self.mostShown
      ? thumbnails.element(picture.absolutePath)
      : PageThumbnails.lost("the first \(Self.mostShown) of the group are shown")
    let moves = isMovable && group.tier.isDuplicate && number != group.keep
    let words =
      number == group.keep
      ? "<span class=\"advice\">Best kept: \(escapedHTML(group.reason))</span>"
      : difference(number, from: group.keep)
    return """
      <li class="card"><button class="pick" type="button" data-picture="\(number)" \
      aria-pressed="\(moves)"\(isMovable ? "" : " disabled") \
      aria-label="Move \(escapedHTML(name.description))"><span class="mat">\(shown)</span>\
      <span class="badge"></span></button>
      <div class="caption"><a class="name" tabindex="-1" href="\(fileURL(picture.absolutePath))">\
      <bdi>\(escapedHTML(name.description))</bdi></a>
      <bdi class="folder">\(escapedHTML(folder.description))</bdi>
      <span class="facts number">\(facts(of: picture))</span>
      \(words)</div></li>

      """
  }

  private func facts(of picture: ComparedPicture) -> String {
    var facts: [String] = []
    if picture.width > 0 { facts.append("\(picture.width) × \(picture.height)") }
    if let format = picture.format { facts.append(format.rawValue) }
    if let stamp = picture.stamp {
      facts.append(Self.size(stamp.byteCount))
      facts.append(Self.date(stamp.modified))
    }
    // A fact is not broken into two lines.
    return facts.map { "<span>\($0)</span>" }.joined(separator: " ")
  }

  private func difference(_ number: Int, from keep: Int) -> String {
    guard let pair = pairs[[min(number, keep), max(number, keep)]] else { return "" }
    var words = [pair.tier.rawValue]
    if let transform = pair.transform {
      // How the picture comes of the kept one, or the other way round.
      let text = "\(pair.a == keep ? transform : transform.inverse)"
      if text != "none" { words.append(text) }
    }
    if let correlation = pair.correlation {
      words.append("correlation \(fixed(correlation, decimals: 3))")
    }
    if let cosine = pair.cosine { words.append("cosine \(fixed(cosine, decimals: 3))") }
    return """
      <span class="difference number">\(escapedHTML(words.joined(separator: " · ")))</span>
      <span class="reason soft">\(escapedHTML(pair.reason))</span>
      """
  }

  static func size(_ byteCount: Int) -> String {
    let units = ["kB", "MB", "GB", "TB"]
    var (size, unit) = (Double(byteCount), -1)
    while size >= 999.95, unit < units.count - 1 {
      size /= 1000
      unit += 1
    }
    return unit < 0 ? "\(byteCount) B" : "\(fixed(size, decimals: 1)) \(units[unit])"
  }

  /// The local day and minute of a time in nanoseconds since 1970.
  private static func date(_ nanoseconds: Int) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var parts = unsafe tm()
    unsafe localtime_r(&seconds, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M", &parts)
    return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
