import EmbedderImageFiles
import EmbedderThumbnails
import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

/// The answers of queries as a page with small pictures, which lead to the files.
struct SearchPage {
  private let output: OutputStream
  private let page: Page
  private let store: EmbeddingStore
  private let thumbnails: PageThumbnails

  /// Begins a page.
  ///
  /// - Parameters:
  ///   - path: The file, which appears when ``finish()`` was called.
  ///   - title: What the page is called.
  ///   - store: The store that is searched.
  /// - Throws: ``Failure`` where the file cannot be made.
  init(_ path: PathBytes, title: String, of store: EmbeddingStore) throws {
    output = try Page.open(path)
    page = Page(title: title, style: Self.style, script: Self.script)
    self.store = store
    thumbnails = PageThumbnails(of: store)
    try output.write(page.head)
  }

  /// Writes the answers of one query.
  ///
  /// - Parameters:
  ///   - pictures: The answers, best first.
  ///   - query: The query.
  ///   - candidateCount: The number of rows that could have been answers.
  /// - Throws: An error where the page cannot be written.
  func write(
    _ pictures: [FoundPicture], of query: SearchQuery, among candidateCount: Int
  ) throws {
    try writeHeader(query, summary: summary(pictures.count, of: candidateCount))
    try output.write("<ol class=\"grid\">\n")
    for picture in pictures { try write(picture) }
    try output.write("</ol>\n</section>\n")
  }

  /// Writes why a query has no answers.
  func write(_ failure: Failure, of query: SearchQuery) throws {
    try writeHeader(query, summary: "")
    try output.write("<p class=\"warning\">\(escapedHTML("\(failure)"))</p>\n</section>\n")
  }

  /// Completes the page.
  func finish() throws {
    try output.write(
      """
      <footer><kbd>←</kbd> <kbd>→</kbd> <kbd>↑</kbd> <kbd>↓</kbd> or <kbd>j</kbd> <kbd>k</kbd> go from \
      picture to picture, <kbd>Enter</kbd> opens the file.</footer>

      """)
    try output.write(page.foot)
    try output.finish()
  }

  private func summary(_ count: Int, of candidateCount: Int) -> String {
    let place = "<bdi>\(escapedHTML(store.path.description))</bdi>"
    guard candidateCount > 0 else { return "There are no pictures to choose from in \(place)." }
    guard count > 0 else {
      return "None of the \(candidateCount) pictures in \(place) is an answer."
    }
    return
      "\(count == 1 ? "The nearest" : "The nearest \(count)") of \(candidateCount)"
      + " \(candidateCount == 1 ? "picture" : "pictures") in \(place)."
  }

  private func writeHeader(_ query: SearchQuery, summary: String) throws {
    try output.write("<section>\n<header>\n<div class=\"terms\">\n")
    for term in query.terms {
      let weight =
        term.weight == 1
        ? ""
        : "<span class=\"weight number\">\(SearchQuery.text(ofWeight: term.weight))</span>"
      // Of a stored picture that is named as the store names it, the file may be elsewhere.
      let path =
        exists(term.path)
        ? term.path
        : store.rowFolders.lazy
          .map { $0.appending(term.path) }.first(where: exists) ?? term.path
      try output.write(
        "<div class=\"term\"><div class=\"mat\">\(thumbnails.element(path))</div>\(weight)</div>\n")
    }
    try output.write(
      """
      </div>
      <div class="words"><h1>Pictures like <bdi>\(escapedHTML(query.shortName))</bdi></h1>
      <p class="folder"><bdi>\(escapedHTML(query.name))</bdi></p>
      <p class="soft">\(summary)</p></div>
      </header>

      """)
  }

  private func write(_ picture: FoundPicture) throws {
    let path = picture.row.path
    let name = path.name
    let folder = PathBytes(path.bytes.dropLast(name.bytes.count))
    let cosine = picture.answer.cosine
    let width = fixed(100 * min(max(cosine, 0), 1), decimals: 1)
    let isFile = picture.presence == .there && !picture.absolutePath.isInsideOfFile
    let (start, end) =
      isFile
      ? ("<a class=\"card\" href=\"\(fileURL(picture.absolutePath))\">", "</a>")
      : ("<div class=\"card\" tabindex=\"0\">", "</div>")
    let picturePart: String
    var warnings = picture.warnings
    switch picture.presence {
    case .there: picturePart = thumbnails.element(picture.absolutePath)
    case .folder, .gone, .unknown:
      // What is said in the picture's place need not be said below it.
      picturePart = PageThumbnails.lost(warnings.popLast() ?? "there is no such file")
    }
    let warningParts = warnings.map { "<span class=\"warning\">\(escapedHTML($0))</span>\n" }
    try output.write(
      """
      <li>\(start)<span class="mat">\(picturePart)</span>
      <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true"><rect width="\(width)" \
      height="1"/></svg>
      <span class="caption"><span class="line"><span class="number">\(fixed(cosine, decimals: 4))</span>\
      <span class="soft number">\(picture.row.width) × \(picture.row.height)</span></span>
      <bdi class="name">\(breakableHTML(name.description))</bdi>
      <bdi class="folder">\(breakableHTML(folder.description))</bdi>
      \(warningParts.joined())</span>\(end)</li>

      """)
  }
}
