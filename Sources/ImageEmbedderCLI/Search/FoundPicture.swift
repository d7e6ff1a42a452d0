import EmbeddingSearch
import EmbeddingStore
import ImageEmbedding

/// An answer with what the store says of its row, and what has become of its file.
struct FoundPicture {
  /// The answer's place, from 1.
  let rank: Int
  let answer: EmbeddingIndex.Answer
  let row: StoredRow
  /// The path by which the image is known.
  let absolutePath: PathBytes
  let presence: FilePresence
  /// What was odd about the image, and what has changed since, one sentence each.
  let warnings: [String]

  /// Looks at an answer's row and file.
  ///
  /// - Throws: `StoreError` where the store was damaged meanwhile.
  init(_ answer: EmbeddingIndex.Answer, rank: Int, of store: EmbeddingStore) throws {
    self.rank = rank
    self.answer = answer
    row = try store.row(at: answer.row)
    absolutePath = try store.absolutePath(at: answer.row)
    presence = FilePresence(of: absolutePath)
    var warnings = row.warnings
    switch presence {
    case .there:
      if hasChanged(row, at: absolutePath) {
        warnings.append("the file has changed since it was embedded")
      }
    case .folder: warnings.append("the file is gone, and a folder has its name")
    case .gone: warnings.append("the file is gone")
    case .unknown: warnings.append("the file cannot be looked at: its folder is not readable")
    }
    self.warnings = warnings
  }
}

/// Whether a file is another one than when it was embedded, as far as its size and time tell.
func hasChanged(_ row: StoredRow, at path: PathBytes) -> Bool {
  guard let stamp = row.stamp, let now = FileStamp(of: path) else { return false }
  return stamp != now
}
