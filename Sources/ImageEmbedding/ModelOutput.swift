import EmbedderPlatform
import EmbedderStorage

/// Where a copy of a model is to be written.
///
/// What is there already is replaced only where it is a TFLite model by its ending and its content, and
/// not the one that is copied.
struct ModelOutput {
  let path: PathBytes

  private static let ending = Array(".tflite".utf8)

  /// Throws where writing would replace the model, or what is no model.
  func check(isNot model: ModelSource) throws(EmbedderError) {
    guard path.name.bytes.count > Self.ending.count,
      path.bytes.suffix(Self.ending.count) == Self.ending[...]
    else {
      throw refused("a name without the ending .tflite", needed: "one with it")
    }
    guard fileStatus(of: path, followsLinks: false) != nil else { return }
    guard let file = fileStatus(of: path) else {
      throw refused("a link that leads nowhere", needed: "another name")
    }
    if let source = model.path, let other = fileStatus(of: source), other.st_dev == file.st_dev,
      other.st_ino == file.st_ino
    {
      throw refused("the model itself", needed: "a file of its own")
    }
    guard file.st_mode & S_IFMT == S_IFREG else {
      throw refused("there and is no regular file", needed: "another name")
    }
    guard file.st_size > 0 else { return }
    do throws(FileError) {
      if try beginsAsModel() { return }
    } catch {
      throw .output(error)
    }
    throw refused(
      "there and is no TFLite model, so that it is not replaced", needed: "another name")
  }

  private func refused(_ found: String, needed: String) -> EmbedderError {
    .invalidOption(
      name: "the output \(quoted(path.description))", found: found, needed: needed)
  }

  private func beginsAsModel() throws(FileError) -> Bool {
    let file = try openInput(at: path)
    defer { close(file.descriptor) }
    var start = [UInt8](repeating: 0, count: 8)
    let count = unsafe start.withUnsafeMutableBytes { bytes in
      unsafe read(file.descriptor, bytes.baseAddress, bytes.count)
    }
    return count == start.count && start[4...] == Array("TFL3".utf8)[...]
  }
}
