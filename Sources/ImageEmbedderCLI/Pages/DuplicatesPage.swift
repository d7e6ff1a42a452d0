import DuplicateFinding
import EmbedderStorage
import EmbeddingStore
import ImageEmbedding

/// Groups of duplicates side by side, to go through with the keyboard and to save a script from, which moves
/// what is marked.
///
/// The script is put together in the page from lines that ``MoveScript`` wrote, so that it is the same.
struct DuplicatesPage {
  private let report: DuplicateReport
  private let title: String
  private let path: PathBytes
  private let cards: DuplicateCards
  /// The script's lines of each picture in a group; none where a file cannot be read any longer.
  private var entries: [Int: MoveScript.Entry] = [:]

  /// Prepares a page.
  ///
  /// - Parameters:
  ///   - report: What was found.
  ///   - title: What was looked through.
  ///   - path: The file to write.
  init(_ report: DuplicateReport, of title: String, to path: PathBytes) {
    self.report = report
    self.title = title
    self.path = path
    cards = DuplicateCards(report)
    for number in Set(report.groups.flatMap(\.members)) {
      entries[number] = try? MoveScript.Entry(report.pictures[number])
    }
  }

  /// Writes the page.
  ///
  /// - Throws: ``Failure`` where the file cannot be made.
  func write() throws {
    let output = try Page.open(path)
    let page = Page(title: "Duplicates in \(title)", style: Self.style, script: Self.script)
    try output.write(page.head)
    try output.write(header)
    for group in report.groups { try write(group, to: output) }
    try writeList("Pictures that show nothing", report.flat, to: output) { _ in
      "blank, or of one colour"
    }
    try writeList("Pictures that were not compared", report.failed, to: output) {
      $0.problem ?? "it cannot be read"
    }
    try output.write(footer)
    try output.write(
      "<script type=\"application/json\" id=\"data\">\(data)</script>\n\(page.foot)")
    try output.finish()
  }

  // MARK: Parts

  private var header: String {
    let duplicates = report.groups.filter(\.tier.isDuplicate)
    let others = report.groups.count - duplicates.count
    let pictures = duplicates.reduce(0) { $0 + $1.members.count }
    var words = [
      duplicates.isEmpty
        ? "No duplicates among \(report.pictures.count) pictures"
        : "\(counted(duplicates.count, "group")) of duplicates, \(pictures) of"
          + " \(report.pictures.count) pictures"
    ]
    if others > 0 { words.append("\(counted(others, "group")) of pictures that are only alike") }
    return """
      <header>
      <h1>Duplicates in <bdi>\(escapedHTML(title))</bdi></h1>
      <p class="soft">\(words.joined(separator: "; ")). Nothing is moved by this page: it saves a script.</p>
      \(report.warnings.map { "<p class=\"warning\">\(escapedHTML($0))</p>\n" }.joined())</header>
      <div class="bar"><span id="count" aria-live="polite" class="number"></span>
      <button id="save" type="button">Save script <kbd>s</kbd></button></div>
      <main>

      """
  }

  private var footer: String {
    """
    </main>
    <footer><kbd>←</kbd> <kbd>→</kbd> or <kbd>j</kbd> <kbd>k</kbd> go from picture to picture, \
    <kbd>↑</kbd> <kbd>↓</kbd> from group to group, <kbd>Space</kbd> marks a picture to be moved or to stay, \
    <kbd>a</kbd> takes the advice for a group, <kbd>Enter</kbd> opens the file, <kbd>s</kbd> saves the script. \
    What is marked is kept by the browser. Run the script with <code>sh duplicates.sh FOLDER</code>: it checks \
    every file before it moves the first, and deletes nothing.</footer>

    """
  }

  private func write(_ group: DuplicateReport.Group, to output: OutputStream) throws {
    let problem =
      isMovable(group)
      ? ""
      : "<p class=\"warning\">A file of this group cannot be read any longer; nothing is moved.</p>\n"
    try output.write(
      """
      <section class="group" data-group="\(group.number)">
      <h2><span class="tier \(group.tier.rawValue)">\(group.tier.rawValue)</span> Group \(group.number)
      <span class="soft">\(explanation(of: group.tier))</span></h2>
      \(problem)<ol class="members">

      """)
    // The one that is best kept comes first, since the others are held against it.
    let members = [group.keep] + group.members.filter { $0 != group.keep }
    for (place, member) in members.enumerated() {
      try output.write(cards.element(member, of: group, place: place, isMovable: isMovable(group)))
    }
    try output.write("</ol>\n</section>\n")
  }

  private func explanation(of tier: DuplicateTier) -> String {
    switch tier {
    case .bytes: "the same files"
    case .pixels: "the same pixels in other files"
    case .copies: "copies, which the pixels prove"
    case .unsure: "perhaps copies, perhaps not"
    case .similar: "alike, and no copies"
    }
  }

  private func writeList(
    _ title: String, _ numbers: [Int], to output: OutputStream,
    _ words: (ComparedPicture) -> String
  ) throws {
    guard !numbers.isEmpty else { return }
    try output.write(
      "<details class=\"list\"><summary>\(title): \(numbers.count)</summary>\n<ul>\n")
    for number in numbers {
      let picture = report.pictures[number]
      try output.write(
        "<li><a href=\"\(fileURL(picture.absolutePath))\"><bdi>\(escapedHTML(picture.path.description))"
          + "</bdi></a> <span class=\"soft\">\(escapedHTML(words(picture)))</span></li>\n")
    }
    try output.write("</ul></details>\n")
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private func isMovable(_ group: DuplicateReport.Group) -> Bool {
    group.members.allSatisfy { entries[$0] != nil }
  }

  // MARK: Data

  /// What the page's program works with, as JSON that cannot end the element that it is in.
  private var data: String {
    let groups = report.groups.filter(isMovable)
    let frame = MoveScript.frame
    var numbers = Set(groups.flatMap(\.members)).sorted()
    numbers.removeAll { entries[$0] == nil }
    let pictures = numbers.map { number -> (String, JSONValue) in
      let entry = entries[number]
      func text(_ bytes: [UInt8]?) -> JSONValue { .string(base64(bytes ?? [])) }
      return (
        "\(number)",
        .object([
          ("check", text(entry?.check)), ("move", text(entry?.move)),
          ("comment", text(entry?.comment)),
          ("bytes", .integer(report.pictures[number].stamp?.byteCount ?? 0)),
        ])
      )
    }
    let value = JSONValue.object([
      ("key", .string(key)),
      (
        "frame",
        .array([frame.beforeCount, frame.beforeChecks, frame.afterChecks].map(JSONValue.string))
      ),
      ("pictures", .object(pictures)),
      (
        "groups",
        .array(
          groups.map { group in
            .object([
              ("number", .integer(group.number)),
              ("members", .array(group.members.map(JSONValue.integer))),
              ("keep", .integer(group.keep)), ("duplicates", .bool(group.tier.isDuplicate)),
              ("advised", .string(MoveScript.title(of: group, keepsAdvised: true))),
              ("chosen", .string(MoveScript.title(of: group, keepsAdvised: false))),
            ])
          })
      ),
    ])
    return value.description.replacing("<", with: "\\u003c")
  }

  /// What a selection belongs to: the same groups of the same files.
  private var key: String {
    var bytes: [UInt8] = []
    for group in report.groups {
      for member in group.members { bytes += entries[member]?.check ?? [0] }
      bytes.append(0)
    }
    return unsafe SHA256Digest(of: bytes.span.bytes).description
  }
}
