import EmbedderEmbeddings
public import EmbedderStorage

extension EmbeddingStore {
  /// Removes the rows of images from a store, which no run may be writing.
  ///
  /// Parts that lose rows are written anew one at a time: whatever ends the process, or the machine, every
  /// other row is there exactly once. Afterwards the store is that of an undivided run, as after `--sync`.
  /// The image files are left alone; a run whose inputs they still are embeds them again. Stores that were
  /// opened before do not see the change, and where they read a part that was written anew, throw.
  ///
  /// - Parameters:
  ///   - images: The images' paths, spelled in whatever way; relative ones belong to the working directory.
  ///     Those that have no row do not matter.
  ///   - path: The store's folder.
  /// - Returns: The number of rows that were removed.
  /// - Throws: ``StoreError`` for a folder that is no store, is of 0.1.0, is damaged, is being written or
  ///   may not be written; nothing was removed then, unless the disk failed.
  public static func removeRows(
    of images: some Sequence<PathBytes>, fromStoreAt path: PathBytes
  ) throws(StoreError) -> Int {
    let layout = StoreLayout(path: path)
    let store = try EmbeddingStore(path)
    let records = try StoreRecord.all(in: layout)
    guard !records.contains(where: { $0.fileVersion == 1 }) else {
      throw .firstVersion(path: path.description)
    }
    guard let record = records.first(where: { !$0.parts.isEmpty }) else { return 0 }
    // A run would set damaged parts aside and make them again; here nobody could.
    if let damage = store.verify().first { throw damage }
    let content = StoreWriter.Content(
      fingerprint: Fingerprint(settingsOf: record), type: record.type,
      heads: record.heads.map { ($0.name, $0.dimension) })
    guard content.fingerprint.description == record.fingerprint else {
      throw .unreadableRecord(path: layout.record(record.shard).description)
    }
    let writer = try StoreWriter(
      path, content: content, mode: .synchronize(retriesFailures: false), details: record.details)
    let folder = PathBytes.currentFolder
    let removed = Set(images.map { $0.absolute(in: folder) })
    var places = Set<StoreWriter.Place>()
    try writer.forEachRow { place, _, path in
      if removed.contains(path) { places.insert(place) }
    }
    try writer.removeRows(at: places)
    try writer.finish()
    return places.count
  }
}

extension Fingerprint {
  /// The fingerprint of the settings that a record names.
  fileprivate init(settingsOf record: StoreRecord) {
    guard case .object(let settings) = record.settings else {
      self.init(settings: [])
      return
    }
    self.init(settings: settings)
  }
}
