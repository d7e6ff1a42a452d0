package import EmbedderStorage
package import EmbeddingStore

/// Collects the small pictures of images that are decoded anyway, such as to be embedded, for the derived
/// file of a store.
package final class PictureCollector {
  private let writer: PictureFileWriter
  private let folder = PathBytes.currentFolder

  /// Begins with what the derived file of a store holds already.
  ///
  /// - Parameters:
  ///   - store: The store's folder, which is there.
  ///   - decoding: How the images are decoded.
  /// - Throws: ``DuplicateError`` where the file cannot be written.
  package init(store: PathBytes, decoding: PictureDecoding) throws(DuplicateError) {
    let path = DuplicateFinder.pictureFile(ofStoreAt: store)
    writer = try PictureFileWriter(path, settings: decoding.number)
    guard let file = PictureFile(path, settings: decoding.number) else { return }
    for (place, record) in file.records.enumerated() {
      if let pixels = file.pixels(at: place) { try writer.append(record, pixels) }
    }
  }

  /// Adds an image's small picture.
  ///
  /// - Parameters:
  ///   - glance: What was seen of the image.
  ///   - path: The image's path as it was given.
  ///   - stamp: What its file was like when it was read.
  /// - Throws: ``DuplicateError`` where the file cannot be written.
  package func add(
    _ glance: PictureDecoding.Glance, of path: PathBytes, _ stamp: FileStamp
  ) throws(DuplicateError) {
    let picture = PictureLibrary.Wanted(
      number: 0, path: path.absolute(in: folder), stamp: stamp)
    try writer.append(PictureRecord(picture, glance), glance.luma.pixels)
  }

  /// Completes the file.
  ///
  /// - Throws: ``DuplicateError`` where it cannot be written.
  package func finish() throws(DuplicateError) {
    try writer.finish()
  }
}
