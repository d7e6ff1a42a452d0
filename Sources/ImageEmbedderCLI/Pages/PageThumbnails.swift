import EmbedderImageFiles
import EmbedderThumbnails
import EmbeddingStore
import ImageEmbedding

/// The small pictures of a page, or what is said where there is none.
struct PageThumbnails {
  private let options: Thumbnail.Options
  private let rawFrame: RawFrameDescription?

  /// Makes thumbnails with what the page's store says of its files: raw pixels, and files that are cut short.
  init(of store: EmbeddingStore, longestSide: Int = 384) {
    var options = Thumbnail.Options()
    options.longestSide = longestSide
    let settings = try? RecordedSettings(store.settingsText)
    options.decoding.allowsTruncated = settings?.options.decoding.allowsTruncated ?? false
    self.options = options
    rawFrame = settings?.rawFrame
  }

  /// Makes thumbnails of image files.
  init(longestSide: Int) {
    var options = Thumbnail.Options()
    options.longestSide = longestSide
    self.options = options
    rawFrame = nil
  }

  /// The picture of a file as HTML, or why there is none.
  func element(_ path: PathBytes) -> String {
    if path.isInsideOfFile { return Self.lost("inside an archive, which pages do not open") }
    do throws(ThumbnailError) {
      let thumbnail = try thumbnail(of: path)
      return imageElement(
        jpeg: thumbnail.jpeg, width: thumbnail.width, height: thumbnail.height,
        description: path.name.description)
    } catch {
      return Self.lost("\(error)")
    }
  }

  private func thumbnail(of path: PathBytes) throws(ThumbnailError) -> Thumbnail {
    guard let rawFrame else { return try Thumbnail(contentsOf: path, options: options) }
    let frame: FrameBuffer
    do {
      frame = try ImageFile.readRawFrame(contentsOf: path, as: rawFrame)
    } catch {
      throw .image(error)
    }
    return try Thumbnail(of: frame, options: options)
  }

  /// What stands in a picture's place.
  static func lost(_ reason: String) -> String {
    "<span class=\"lost\">No picture: \(escapedHTML(reason))</span>"
  }
}
