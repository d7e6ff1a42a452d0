import BatchEmbedding
import EmbeddingStore
import ImageEmbedding

/// The output of a run: its rows, and the record that says what made them.
struct RunOutput {
  /// Where rows go.
  enum Place {
    /// The standard output, a pipe or a device, which have no record.
    case stream(any RowWriter)
    /// One file, which is whole or not there, and its record beside it.
    case file(any FileWriter)
    /// A folder, whose parts are whole or not there.
    case store(StoreWriter)
  }

  let place: Place
  let record: RunRecord
  let shard: Shard?

  /// What earlier runs have done.
  var known: KnownImages { store?.known ?? KnownImages() }
  var earlierRowCount: Int { store?.earlierRowCount ?? 0 }
  /// The failures of earlier runs that still are some, and the rows that are lost.
  var earlierFailureCount: Int { store?.earlierFailureCount ?? 0 }

  var store: StoreWriter? {
    if case .store(let store) = place { store } else { nil }
  }

  func write(_ image: EmbeddingResult, of path: PathBytes, _ stamp: FileStamp?) throws {
    switch place {
    case .stream(let writer): try writer.write(image, of: path, stamp)
    case .file(let writer): try writer.write(image, of: path, stamp)
    case .store(let store):
      let row = StoredRow(
        path: path, width: image.width, height: image.height, stamp: stamp,
        warnings: image.warnings)
      try store.append(row, image.embeddings.map(\.featureVector))
    }
  }

  func write(_ error: EmbedderError, of path: PathBytes, _ stamp: FileStamp?) throws {
    switch place {
    case .stream(let writer): try writer.write(error, of: path)
    case .file(let writer): try writer.write(error, of: path)
    case .store(let store):
      try store.appendFailure(
        of: path, code: error.code.name, message: error.withoutPath, stamp: stamp)
    }
  }

  /// Notes that what is there is no image, and so no failure any longer.
  func skip(_ path: PathBytes) {
    store?.endFailure(of: path)
  }

  /// Hands over what is written so far, where somebody may be reading it: a file has no name yet.
  func flush() throws {
    if case .stream(let writer) = place { try writer.flush() }
  }

  /// Completes the output, as far as it may be complete: a single file appears whole or not at all.
  func finish(_ status: RunRecord.Status, _ tally: Tally) throws {
    switch place {
    case .stream(let writer):
      if status == .complete { try writer.finish() } else { try writer.flush() }
    case .file(let writer):
      if status == .complete { try writer.finish(record: record.text(status, tally)) }
    case .store(let store):
      setDetails(store, status, tally)
      try store.finish()
    }
  }

  /// Gives the output up; what is finished of a folder stays.
  func abandon(_ tally: Tally) throws {
    guard let store else { return }
    setDetails(store, .stopped, tally)
    try store.abandon()
  }

  private func setDetails(_ store: StoreWriter, _ status: RunRecord.Status, _ tally: Tally) {
    store.details = record.details(
      status, tally, earlierRowCount: store.earlierRowCount,
      earlierFailureCount: store.earlierFailureCount)
  }
}
