import EmbedderStorage
import EmbeddingStore
import ImageEmbedding

/// An HTML page that needs nothing but itself: no network, no fonts, no other files.
///
/// A policy in its head lets only its own style and script run, by their checksums, and only pictures that are
/// inside be shown: whatever a file's name holds, it cannot become a program.
struct Page {
  let title: String
  let style: String
  let script: String

  /// How every page begins, by which one of ours is known before it is replaced.
  static let beginning =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<meta name=\"generator\" content=\"image-embedder\">\n"

  /// Everything in front of the body.
  var head: String {
    Self.beginning
      + """
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src '\(Self.source(of: style))'; script-src '\(Self.source(of: script))'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(escapedHTML(title))</title>
      <style>\(style)</style>
      <body>

      """
  }

  /// Everything behind the body.
  var foot: String { "<script>\(script)</script>\n" }

  /// What the policy calls a style or script.
  private static func source(of text: String) -> String {
    let bytes = Array(text.utf8)
    let digest = unsafe SHA256Digest(of: bytes.span.bytes)
    return "sha256-\(base64(digest.bytes))"
  }

  /// Opens the file of a page.
  ///
  /// - Throws: ``Failure`` where the file is there and is no page of ours, and where it cannot be made.
  static func open(_ path: PathBytes) throws -> OutputStream {
    try FormerOutput.checkPage(path)
    return try OutputStream(replacing: path)
  }
}

/// A picture inside a page.
func imageElement(
  jpeg: [UInt8], width: Int, height: Int, description: String, of kind: String = "shot"
) -> String {
  """
  <img class="\(kind)" width="\(width)" height="\(height)" decoding="async" \
  alt="\(escapedHTML(description))" src="data:image/jpeg;base64,\(base64(jpeg))">
  """
}
